using Npgsql;

namespace CardanoRwa.Recovery.Failover;

/// <param name="Rounds">How often the primary is killed.</param>
/// <param name="NeedsSynchronous">Wait until commits wait for the standby before each kill; else this is so only where the pair already does.</param>
/// <param name="Api">Also write through this address.</param>
/// <param name="ApiKey">With this key.</param>
/// <param name="Settle">How long to write before the first kill: processes that have just started are still compiling their code.</param>
/// <param name="WalSlot">The slot of the backups.</param>
/// <param name="RequestedBy">For the report.</param>
public sealed record FailoverDrillRequest(int Rounds, bool NeedsSynchronous, Uri? Api, string? ApiKey, TimeSpan Settle, string WalSlot, string RequestedBy);

/// <summary>
/// Kills the primary of a pair on this machine under writes, fences it, promotes the standby, and waits until the old primary follows as a
/// standby, which whoever runs the pair brings about. Again and again; and counts what was acknowledged and is gone.
/// </summary>
public sealed class FailoverDrill(string connectionString, FailoverDrillRequest request, TimeProvider clock, Action<string> say)
{
    private const double FirstWriteTarget = 1;
    private static readonly TimeSpan WholeMayTake = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LoadBefore = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private readonly IReadOnlyList<PairServer> _servers = PairServer.Of(connectionString);
    private readonly List<string> _failures = [];

    public async Task<Outcome<FailoverReport>> RunAsync(CancellationToken cancellationToken)
    {
        if (_servers.Count != 2)
        {
            return new RecoveryRefusal("failover.no-pair", "The connection string 'rwadb' does not name two servers.", "Start the graph with --standby; its Api and worker have the string.");
        }
        var startedAt = clock.GetUtcNow();
        if (await WholeAsync(request.NeedsSynchronous, cancellationToken) is not { } first)
        {
            return new RecoveryRefusal("failover.not-whole", $"The pair is not one primary and one standby that streams from it{(request.NeedsSynchronous ? ", with commits that wait for it" : "")}.", "'failover status' shows how it stands.");
        }
        if ((await LocalServer.FindAsync(first.Primary, cancellationToken)).IsRefused(out var refusal, out _))
        {
            return refusal;
        }
        var synchronous = first.State.Followers!.EndsWith(" sync", StringComparison.Ordinal);
        var (systemId, version) = await FactsAsync(first.Primary, cancellationToken);
        var rounds = new List<FailoverRound>();
        await using (var load = await FailoverLoad.StartAsync(connectionString, request.Api, request.ApiKey, clock, cancellationToken))
        {
            await Task.Delay(request.Settle, clock, cancellationToken);
            for (var i = 1; i <= request.Rounds && _failures.Count == 0; i++)
            {
                var round = await RoundAsync(i, synchronous, load, cancellationToken);
                if (round is not null)
                {
                    rounds.Add(round);
                    Judge(round, synchronous);
                    say($"{i,4}: {round.Killed} killed, {round.Promoted} promoted; first write after {round.FirstWrite:0.000} s{(round.FirstApiWrite is { } api ? $", through the Api {api:0.000} s" : "")}; whole after {round.Whole:0.0} s; {round.Acknowledged} acknowledged, {round.Lost} lost.");
                }
            }
            await load.StopAsync();
            if (_failures.Count == 0 && await load.MissingAsync(everything: true, cancellationToken) is var missing and > 0 && synchronous)
            {
                _failures.Add($"lost: at the end {missing} acknowledged writes are not there");
            }
        }
        var report = new FailoverReport(FailoverReport.CurrentVersion, $"failover-{startedAt:yyyyMMddTHHmmssfff}Z", systemId, request.RequestedBy, startedAt, clock.GetUtcNow(), synchronous, version, FirstWriteTarget, rounds, _failures, "");
        if (rounds.Count > 0 && report.FirstWriteP99 > FirstWriteTarget)
        {
            _failures.Add($"first-write: p99 is {report.FirstWriteP99:0.000} s, the target {FirstWriteTarget} s");
        }
        return report;
    }

    private void Judge(FailoverRound round, bool synchronous)
    {
        if (round.Lost > 0 && synchronous)
        {
            _failures.Add($"lost: round {round.Number} lost {round.Lost} acknowledged writes");
        }
        if (round.TwoWriters > 0 || round.OldTookWrites > 0)
        {
            _failures.Add($"two-writers: round {round.Number}: both said so {round.TwoWriters} times, the old one took {round.OldTookWrites} writes");
        }
    }

    private async Task<FailoverRound?> RoundAsync(int number, bool synchronous, FailoverLoad load, CancellationToken cancellationToken)
    {
        if (await WholeAsync(synchronous, cancellationToken) is not { } pair)
        {
            _failures.Add($"whole: before round {number} the pair was not whole within {WholeMayTake.TotalSeconds:0} s");
            return null;
        }
        var (old, next) = (pair.Primary, pair.Standby);
        if ((await LocalServer.FindAsync(old, cancellationToken)).IsRefused(out var refusal, out var local))
        {
            _failures.Add($"kill: {refusal.Detail}");
            return null;
        }
        load.BeginRound();
        await Task.Delay(LoadBefore, clock, cancellationToken);

        var killed = clock.GetTimestamp();
        if (!await local.KillAsync(clock, cancellationToken))
        {
            _failures.Add($"kill: processes of {old.Name} are still there");
            return null;
        }
        load.Killed(old.Port);
        await local.FenceAsync($"Replaced by {next.Name} at {clock.GetUtcNow():O}.", cancellationToken);
        if ((await new Promotion(_servers, clock).ChooseAsync(acceptsLoss: !synchronous, cancellationToken)).IsRefused(out refusal, out var chosen))
        {
            _failures.Add($"promote: {refusal.Detail}");
            return null;
        }
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = new WriterWatch(old, chosen, clock);
        var watching = watch.RunAsync(done.Token);
        var ordered = clock.GetTimestamp();
        await Promotion.OrderAsync(chosen, request.WalSlot, cancellationToken);
        var (sql, api) = await load.FirstWritesAsync(cancellationToken);
        var whole = await WholeAsync(synchronous, cancellationToken);
        var wholeAfter = Seconds(ordered, clock.GetTimestamp());
        await done.CancelAsync();
        await watching;
        if (sql is null || (request.Api is not null && api is null) || whole is null)
        {
            _failures.Add($"{(whole is null ? "whole" : "first-write")}: in round {number} {(whole is null ? $"{old.Name} did not follow {next.Name}" : "no write was accepted")} in time");
        }
        var missing = await load.MissingAsync(everything: false, cancellationToken);
        var firstOfAll = Math.Min(sql ?? long.MaxValue, api ?? long.MaxValue);
        return new FailoverRound(number, old.Name, chosen.Name, Seconds(killed, ordered), sql is { } s ? Seconds(ordered, s) : WholeMayTake.TotalSeconds, api is { } a ? Seconds(ordered, a) : null,
            firstOfAll == long.MaxValue ? WholeMayTake.TotalSeconds : Seconds(killed, firstOfAll), wholeAfter, load.Acknowledged, missing, watch.TwoWriters, watch.OldTookWrites);
    }

    /// <summary>Null where it did not become so in time.</summary>
    private async Task<(PairServer Primary, PairServer Standby, PairServerState State)?> WholeAsync(bool synchronous, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began) < WholeMayTake)
        {
            var states = new List<(PairServer Server, PairServerState? State)>();
            foreach (var server in _servers)
            {
                states.Add((server, (await server.AskAsync(cancellationToken)).State));
            }
            if (states.Find(s => s.State is { IsStandby: false, Followers: not null }) is { State: { } primary, Server: { } leader } && states.Find(s => s.State is { IsStandby: true }) is { State: { } standby, Server: { } follower }
                && primary.Followers!.Contains(" streaming ", StringComparison.Ordinal) && (!synchronous || (primary.Followers.EndsWith(" sync", StringComparison.Ordinal) && standby.HasAll)))
            {
                return (leader, follower, primary);
            }
            await Task.Delay(Step, clock, cancellationToken);
        }
        return null;
    }

    private static async Task<(string SystemId, int Version)> FactsAsync(PairServer server, CancellationToken cancellationToken)
    {
        await using var connection = await server.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT system_identifier::text FROM pg_control_system()", connection);
        return ((string)(await command.ExecuteScalarAsync(cancellationToken))!, connection.PostgreSqlVersion.Major);
    }

    private double Seconds(long from, long to) => Math.Round(clock.GetElapsedTime(from, to).TotalSeconds, 3);
}
