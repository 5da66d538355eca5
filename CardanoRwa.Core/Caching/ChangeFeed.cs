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
/// its commit and its nudge. Rows are read by transaction id from the oldest transaction that was still running last time, so none is skipped.
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
    private readonly Dictionary<Guid, ulong> _seen = [];
    private ulong? _position;

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

    /// <summary>Reads what was committed since the last call.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var batch = ((NpgsqlConnection)db.Database.GetDbConnection()).CreateBatch();
        // The few new rows are the index's last. The planner cannot know that of a table that has grown since it was looked at, and would read all of it, each time.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_snapshot_xmin(pg_current_snapshot()), set_config('enable_seqscan', 'off', true)"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("""
            SELECT id, asset_id, transaction_id, action FROM audit
            WHERE transaction_id >= coalesce($1, (SELECT min(transaction_id) FROM audit WHERE id >= $2)) AND asset_id IS NOT NULL
            """)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = (object?)_position ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Xid8 },
                // At start: everything that an entry still in Redis could have missed.
                new NpgsqlParameter { Value = Guid.CreateVersion7(clock.GetUtcNow() - options.Value.Lifetime) },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        // Every transaction below this one is decided; those above may still commit and are asked for again.
        var undecided = reader.GetFieldValue<ulong>(0);
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<(ulong, string, Guid?)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var transaction = reader.GetFieldValue<ulong>(2);
            if (_seen.TryAdd(reader.GetGuid(0), transaction))
            {
                rows.Add((transaction, reader.GetString(3), reader.GetGuid(1)));
            }
        }
        // A standby that took over without the last transactions gives their numbers away again.
        if (undecided < _position)
        {
            _seen.Clear();
            _position = null;
            await ForgetAsync(Touched.By(rows));
            return;
        }
        _position = undecided;
        foreach (var (row, _) in _seen.Where(s => s.Value < undecided).ToList())
        {
            _seen.Remove(row);
        }
        await ForgetAsync(Touched.By(rows));
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
}
