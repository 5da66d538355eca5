using System.Diagnostics;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Tests.Recovery;
using Microsoft.Extensions.Logging.Abstractions;

namespace CardanoRwa.Tests.Wal;

/// <summary>A receiver running over a test's cluster and stores.</summary>
internal sealed class Harness : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private Harness(ThrowAwayCluster cluster, Vault vault, WalOptions options)
    {
        Receiver = new WalReceiver(cluster.ConnectionString, [.. vault.Stores], vault.Writer, options, TimeProvider.System, NullLogger<WalReceiver>.Instance);
        Receiver.OnGap += Gaps.Add;
        _running = Receiver.RunAsync(_stop.Token);
    }

    public WalReceiver Receiver { get; }
    public List<WalGap> Gaps { get; } = [];
    public WalReceiverSnapshot Now => Receiver.Report.Snapshot();

    public static Harness Start(ThrowAwayCluster cluster, Vault vault, Action<WalOptions>? change = null)
    {
        var options = new WalOptions { SpoolPath = Path.Combine(cluster.Parent, "spool"), FlushInterval = TimeSpan.FromMilliseconds(100), BeatInterval = TimeSpan.FromSeconds(1) };
        change?.Invoke(options);
        return new Harness(cluster, vault, options);
    }

    /// <summary>Waits until the stores named have all WAL there is.</summary>
    public async Task StoredAsync(ThrowAwayCluster cluster, params string[] stores)
    {
        var end = await cluster.AskAsync<NpgsqlTypes.NpgsqlLogSequenceNumber>("SELECT pg_current_wal_flush_lsn()");
        await UntilAsync(() => stores.All(name => Now.Stores.Any(s => s.Store == name && s.Durable >= end)), () => $"{end} in {string.Join(", ", stores)}: {Now} {string.Join("; ", Now.Stores)}");
    }

    public static async Task UntilAsync(Func<bool> condition, Func<string> what)
    {
        var since = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(40), what());
            await Task.Delay(20);
        }
    }

    /// <summary>Ends it as a killed process would: nothing more is stored.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, TaskScheduler.Default);
        await Receiver.DisposeAsync();
    }
}
