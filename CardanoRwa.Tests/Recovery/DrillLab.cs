using System.Diagnostics.Metrics;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Drills;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Tests.Wal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CardanoRwa.Tests.Recovery;

/// <summary>A cluster that was backed up twice with sentinels and counts in between, its log in every store; the source is gone.</summary>
public sealed class DrillLab : IAsyncLifetime
{
    internal Vault Vault { get; } = new();
    internal Tally Tally { get; private set; } = null!;
    internal Sentinel LastBeforeTally { get; private set; } = null!;
    internal Sentinel Last { get; private set; } = null!;
    internal string SystemId => Tally.SystemId;
    internal string[] Backups { get; private set; } = [];

    public async Task InitializeAsync()
    {
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync($"{Sentinels.CreateTable} CREATE TABLE t (i int PRIMARY KEY, body text); INSERT INTO t SELECT i, repeat(md5(i::text), 40) FROM generate_series(1, 3000) i");
        await using var session = await source.OpenAsync();
        await using (var harness = Harness.Start(source, Vault))
        {
            await Harness.UntilAsync(() => harness.Now.State == CardanoRwa.Recovery.Wal.WalReceiverState.Streaming, () => $"{harness.Now}");
            var first = await Vault.BackUpAsync(source);
            // Each backup begins in a segment of its own, so that one can be missing in between.
            await source.RunAsync("INSERT INTO t SELECT i, 'x' FROM generate_series(3001, 3500) i; SELECT pg_switch_wal()");
            await source.RunAsync("INSERT INTO t SELECT i, 'x' FROM generate_series(3501, 4000) i; SELECT pg_switch_wal()");
            var second = await Vault.BackUpAsync(source);
            Backups = [first.Manifest.Id, second.Manifest.Id];
            await source.RunAsync("DELETE FROM t WHERE i % 7 = 0");
            LastBeforeTally = await Sentinels.CommitAsync(session, default);
            Tally = Vault.Value(await new TallyTaker(source.ConnectionString, TimeProvider.System).RunAsync(default));
            Assert.Empty(await new TallyStore([.. Vault.Stores], Vault.Writer).WriteAsync(Tally, default));
            await source.RunAsync("UPDATE t SET body = 'later' WHERE i < 100; SELECT pg_switch_wal()");
            Last = await Sentinels.CommitAsync(session, default);
            await harness.StoredAsync(source, "one", "two");
        }
    }

    public Task DisposeAsync()
    {
        Vault.Dispose();
        return Task.CompletedTask;
    }

    internal static DrillOptions Options(string scratch) => new() { ScratchPath = scratch, ReserveMebibytes = 0, TimeLimit = TimeSpan.FromMinutes(5), Rpo = TimeSpan.FromDays(1) };

    internal static DrillEngine Engine(Vault vault, DrillOptions options, MeterListener? listener = null, Identity? identity = null)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        var metrics = new DrillMetrics(meters);
        listener?.Start();
        return new DrillEngine([.. vault.Stores], stores => new KeyRing(stores, [vault.Identity.Recipient], [identity ?? vault.Identity], TimeProvider.System), options, metrics, TimeProvider.System, NullLogger<DrillEngine>.Instance);
    }

    internal static DrillRequest Request(DrillKind kind = DrillKind.RestoreTest, string? store = null) => new(kind, new RecoveryProgress(TimeProvider.System)) { RequestedBy = "test", Store = store };

    internal static async Task<DrillReport> DrillAsync(Vault vault, string scratch, DrillRequest? request = null, Identity? identity = null) =>
        Vault.Value(await Engine(vault, Options(scratch), identity: identity).RunAsync(request ?? Request(), default));
}
