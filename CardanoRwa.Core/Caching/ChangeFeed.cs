using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using StackExchange.Redis;

namespace CardanoRwa.Core.Caching;

/// <summary>
/// Follows the audit table, so that every replica forgets what any process changed, even if that process died between
/// its commit and its nudge. Each look reads the rows of those transactions that the last one could not see: what was running then, and what began since. So none is
/// skipped, none is read twice, and an import that takes minutes makes no look longer.
/// </summary>
public sealed partial class ChangeFeed(
    IServiceScopeFactory scopes,
    RegistryChanges changes,
    IServiceProvider services,
    IOptions<CacheOptions> options,
    TimeProvider clock,
    ILogger<ChangeFeed> logger) : BackgroundService
{
    // Entries are stamped with the loading machine's clock; a second pass covers clocks that differ by up to this much.
    private static readonly TimeSpan SecondPass = TimeSpan.FromSeconds(1);

    // However many nudges come: under a load of writes each look costs as much as several of them.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);
    private readonly SemaphoreSlim _nudged = new(0, 1);
    private readonly Queue<(DateTimeOffset Due, Touched Touched)> _again = new();
    private Position? _position;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Subscribe();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or RetryLimitExceededException or InvalidOperationException or TimeoutException && !stoppingToken.IsCancellationRequested)
            {
                LogBehind(logger, e.Message);
            }
            if (await _nudged.WaitAsync(options.Value.FeedInterval, stoppingToken))
            {
                await Task.Delay(Breath, clock, stoppingToken);
            }
        }
    }

    /// <summary>Reads what was committed since the last call. The first call, and the first at another server, can tell nothing of what was before it and forgets all.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var batch = ((NpgsqlConnection)db.Database.GetDbConnection()).CreateBatch();
        // The few new rows are the index's last. The planner cannot know that of a table that has grown since it was looked at, and would read all of it, each time.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT set_config('enable_seqscan', 'off', true)"));
        // One statement, so that the position is that of what it saw. The upper bound keeps away numbers of another cluster, which a logical restore brings along.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("""
            WITH news AS MATERIALIZED (
                SELECT transaction_id, asset_id, action FROM audit
                WHERE transaction_id >= $1 AND transaction_id < pg_snapshot_xmax(pg_current_snapshot()) AND asset_id IS NOT NULL AND NOT action LIKE ANY ($3)
                UNION ALL
                SELECT transaction_id, asset_id, action FROM audit
                WHERE transaction_id = ANY ($2) AND asset_id IS NOT NULL AND NOT action LIKE ANY ($3)
            )
            SELECT pg_postmaster_start_time(), pg_snapshot_xmax(pg_current_snapshot()), ARRAY(SELECT pg_snapshot_xip(pg_current_snapshot())), EXISTS (SELECT FROM news),
                ARRAY(SELECT asset_id FROM news GROUP BY transaction_id, asset_id HAVING NOT bool_or(action = $4) LIMIT $5)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = (object?)_position?.Next ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Xid8 },
                new NpgsqlParameter { Value = (object?)_position?.Open ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Xid8 },
                new NpgsqlParameter { Value = Touched.Unshown.Select(prefix => prefix + "%").ToArray() },
                new NpgsqlParameter { Value = Touched.Creation },
                new NpgsqlParameter { Value = RegistryChanges.MostAtOnce + 1 },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var position = new Position(reader.GetFieldValue<DateTime>(0), reader.GetFieldValue<ulong>(1), reader.GetFieldValue<ulong[]>(2));
        var touched = position.Server == _position?.Server
            ? new Touched(reader.GetFieldValue<Guid[]>(4), Lists: reader.GetBoolean(3), Requested: false)
            : Touched.Everything;
        await ForgetAsync(touched);
        _position = position;
    }

    private async Task ForgetAsync(Touched touched)
    {
        var now = clock.GetUtcNow();
        if (touched.Lists)
        {
            await changes.ForgetAsync(touched);
            _again.Enqueue((now + SecondPass, touched));
        }
        while (_again.TryPeek(out var next) && next.Due <= now)
        {
            await changes.ForgetAsync(_again.Dequeue().Touched);
        }
    }

    private void Subscribe()
    {
        if (services.GetService<IConnectionMultiplexer>() is { } redis)
        {
            redis.GetSubscriber().Subscribe(RegistryChanges.Channel, (_, sender) => Nudged(sender), CommandFlags.FireAndForget);
        }
    }

    private void Nudged(RedisValue sender)
    {
        if (sender == changes.Id)
        {
            return;
        }
        try
        {
            _nudged.Release();
        }
        catch (SemaphoreFullException)
        {
            // A wake-up is pending already: one serves all.
        }
    }

    public override void Dispose()
    {
        _nudged.Dispose();
        base.Dispose();
    }

    [LoggerMessage(1901, LogLevel.Warning, "The change feed cannot be read ({Reason}); trying again.")]
    private static partial void LogBehind(ILogger logger, string reason);

    /// <summary>What a look could see.</summary>
    /// <param name="Server">When the server began. One that took over may lack the last transactions and give their numbers away again.</param>
    /// <param name="Next">The lowest transaction id that was not given away yet.</param>
    /// <param name="Open">Those below it that were under way.</param>
    private sealed record Position(DateTime Server, ulong Next, ulong[] Open);
}
