using System.Diagnostics.Metrics;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>
/// What dashboards and alerts know of minting. Gauges hold what the last look at database and chain said; ages are counted from it to now, because
/// a chain that does not answer ends the looks, and an age that stood still then would hide it.
/// </summary>
public sealed class MintMetrics
{
    public const string MeterName = "CardanoRwa.Minting";

    // Submission is wanted within 2 s; confirmation takes blocks.
    private static readonly double[] SubmitBuckets = [0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 1800];
    private static readonly double[] ConfirmBuckets = [1, 2, 5, 10, 20, 30, 60, 120, 180, 240, 300, 450, 600, 900, 1800, 3600, 7200];
    private readonly Histogram<double> _submitted;
    private readonly Histogram<double> _confirmed;
    private readonly Counter<long> _answers;
    private readonly Counter<long> _givenUp;
    private readonly Counter<long> _rollbacks;

    // Milliseconds of Unix time, 0 for none: a nullable date could be read half written.
    private long _queueOldest;
    private long _tip;

    public MintMetrics(IMeterFactory meters, TimeProvider clock)
    {
        var meter = meters.Create(MeterName);
        _submitted = meter.CreateHistogram("mint_duration", "s", "From the request of a mint or burn to its transaction's acceptance by the chain.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = SubmitBuckets });
        _confirmed = meter.CreateHistogram("mint_confirmation_duration", "s", "From the request of a mint or burn to its confirmation at depth.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = ConfirmBuckets });
        _answers = meter.CreateCounter<long>("rwa_chain_submissions", description: "Answers of the chain to submitted transactions.");
        _givenUp = meter.CreateCounter<long>("rwa_chain_transactions_given_up", description: "Transactions that will never land, by reason.");
        _rollbacks = meter.CreateCounter<long>("rwa_chain_rollbacks", description: "Transactions that a fork threw out of their block.");
        meter.CreateObservableGauge("rwa_mint_queue_length", () => Queue, description: "Operations in no transaction yet.");
        meter.CreateObservableGauge("rwa_mint_queue_oldest", () => Age(ref _queueOldest), "s", "Age of the oldest operation that could be in a transaction and is not submitted.");
        meter.CreateObservableGauge("rwa_chain_in_flight", () => InFlight, description: "Transactions that are signed or submitted and not confirmed.");
        meter.CreateObservableGauge("rwa_chain_tip_age", () => Age(ref _tip), "s", "Age of the newest block that is known.");
        meter.CreateObservableGauge("rwa_wallet_lovelace", () => Lovelace, description: "Lovelace that can be spent on fees and deposits.");
        meter.CreateObservableGauge("rwa_mint_halted", () => Halted ? 1 : 0, description: "1 while no transactions are made until 'chain reconcile'.");

        // Seen from the start, or the first one would be no increase to whoever watches.
        foreach (var reason in Enum.GetValues<GiveUpReason>())
        {
            _givenUp.Add(0, Reason(reason));
        }
        _rollbacks.Add(0);

        double Age(ref long since) => Volatile.Read(ref since) is > 0 and var at ? Math.Max(0, (clock.GetUtcNow().ToUnixTimeMilliseconds() - at) / 1000.0) : 0;
    }

    public long Queue { get; set; }
    public long InFlight { get; set; }
    public long Lovelace { get; set; }
    public bool Halted { get; set; }

    /// <summary>When the oldest operation that waits was asked for.</summary>
    public void SeeQueue(DateTimeOffset? oldest) => Volatile.Write(ref _queueOldest, oldest?.ToUnixTimeMilliseconds() ?? 0);

    /// <summary>When the newest known block was made.</summary>
    public void SeeTip(DateTimeOffset? at) => Volatile.Write(ref _tip, at?.ToUnixTimeMilliseconds() ?? 0);

    public void Submitted(Operation operation, DateTimeOffset at) => _submitted.Record((at - operation.CreatedAt).TotalSeconds, Kind(operation));

    public void Confirmed(Operation operation) => _confirmed.Record((operation.ConfirmedAt!.Value - operation.CreatedAt).TotalSeconds, Kind(operation));

    public void Answered(SubmitOutcome outcome) => _answers.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
    {
        SubmitOutcome.Accepted => "accepted",
        SubmitOutcome.Refused => "refused",
        SubmitOutcome.MempoolFull => "mempool_full",
        _ => "uncertain",
    }));

    public void GivenUp(GiveUpReason reason) => _givenUp.Add(1, Reason(reason));

    public void RolledBack() => _rollbacks.Add(1);

    private static KeyValuePair<string, object?> Reason(GiveUpReason reason) => new("reason", reason.Wire());

    private static KeyValuePair<string, object?> Kind(Operation operation) => new("kind", operation.Kind.Wire());
}
