using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Restored;
using CardanoRwa.Ipfs;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Storage;
using CardanoRwa.Worker.Recovery;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Worker.ChainSnapshots;

internal static class ChainSnapshotSetup
{
    public static TBuilder AddChainSnapshots<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddScoped<ChainSnapshotWriter>();
        builder.Services.AddScoped<AnchorDesk>();
        builder.Services.AddOptions<ChainSnapshotOptions>().BindConfiguration(ChainSnapshotOptions.Section);
        return builder;
    }

    /// <summary>One a day, where this worker archives and has a chain.</summary>
    public static IHostApplicationBuilder AddChainSnapshotSchedule(this IHostApplicationBuilder builder)
    {
        if (ArchivingSetup.IsEnabled(builder) && builder.Configuration.CanMint())
        {
            builder.AddRecovery().AddChainSnapshots();
            builder.Services.AddHostedService<ChainSnapshotSchedule>();
        }
        return builder;
    }
}

/// <summary>Takes a snapshot when the newest in the stores is a day old, one worker at a time.</summary>
internal sealed class ChainSnapshotSchedule(
    IServiceScopeFactory scopes, StoreSet stores, IOptions<RecoveryOptions> recovery, PinServices pinServices, IOptions<ChainSnapshotOptions> options, IConfiguration configuration, TimeProvider clock, ILogger<ChainSnapshotSchedule> logger)
    : PeriodicJob(scopes, clock, logger)
{
    // Any constant will do; it spells 'rwa-snp'.
    private const long LockKey = 0x72_77_61_2d_73_6e_70;
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);
    private readonly TimeProvider _clock = clock;
    private readonly IPinService? _pins = pinServices.Create();

    protected override TimeSpan Interval => TimeSpan.FromMinutes(1);

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (stores.ForBackups.Count == 0 || !await services.GetRequiredService<SchemaState>().CheckAsync(cancellationToken)
            || await services.GetRequiredService<RestoreHold>().FindAsync(cancellationToken) is not null
            || (await KeySettings.ReadAsync(recovery.Value, null, needsRecipients: true, cancellationToken)).IsRefused(out _, out var keys))
        {
            return false;
        }
        var source = configuration.GetConnectionString("rwadb")!;
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(source) { Pooling = false, KeepAlive = 5 }.ConnectionString);
        await session.OpenAsync(cancellationToken);
        await using var take = new NpgsqlCommand($"SELECT pg_try_advisory_lock({LockKey})", session);
        if (!(bool)(await take.ExecuteScalarAsync(cancellationToken))!)
        {
            return false;
        }
        var system = await SystemIdAsync(source, cancellationToken);
        var shelf = new SnapshotShelf(stores.ForBackups, new KeyRing(stores.ForBackups, keys.Recipients, keys.Identities, _clock), _clock);
        var kept = await shelf.ListAsync(system, cancellationToken);
        if (kept is [.., var newest] && _clock.GetUtcNow() - newest.Summary.Header.TakenAt < Every)
        {
            // Also what an earlier try could not be asked for: the desk knows each snapshot once.
            await AnchorAsync(services, newest, cancellationToken);
            await SnapshotReports.PutAsync(services, kept, cancellationToken);
            return false;
        }
        var record = await shelf.TakeAsync(services.GetRequiredService<ChainSnapshotWriter>(), _pins, system, (store, cause) => SnapshotLog.NotStored(logger, store, cause), cancellationToken);
        SnapshotLog.Taken(logger, record.Id, record.Summary.Header.Block.Height, record.Summary.Root, record.PinnedAs ?? record.PinFault ?? "not pinned");
        await AnchorAsync(services, record, cancellationToken);
        foreach (var removed in await shelf.ExpireAsync(system, _pins, (id, cause) => SnapshotLog.NotRemoved(logger, id, cause), cancellationToken))
        {
            SnapshotLog.Removed(logger, removed);
        }
        await SnapshotReports.PutAsync(services, await shelf.ListAsync(system, cancellationToken), cancellationToken);
        return false;
    }

    private async Task AnchorAsync(IServiceProvider services, SnapshotRecord record, CancellationToken cancellationToken)
    {
        if (options.Value.Anchor)
        {
            await services.GetRequiredService<AnchorDesk>().RequestAsync(record.Id, record.Summary.Root, record.Summary.Header.Block.Height, cancellationToken);
        }
    }

    public static async Task<string> SystemIdAsync(string source, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(source);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT system_identifier::text FROM pg_control_system()", connection);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

internal static partial class SnapshotLog
{
    [LoggerMessage(5050, LogLevel.Information, "Chain snapshot {Snapshot} at block {Height}: root {Root}, IPFS {Pinned}.")]
    public static partial void Taken(ILogger logger, string snapshot, long height, string root, string pinned);

    [LoggerMessage(5051, LogLevel.Error, "A chain snapshot is not in store {Store}: {Cause}")]
    public static partial void NotStored(ILogger logger, string store, string cause);

    [LoggerMessage(5053, LogLevel.Warning, "Chain snapshot {Snapshot} is old and stays for now: {Cause}")]
    public static partial void NotRemoved(ILogger logger, string snapshot, string cause);

    [LoggerMessage(5052, LogLevel.Information, "Chain snapshot {Snapshot} was old and is removed.")]
    public static partial void Removed(ILogger logger, string snapshot);
}
