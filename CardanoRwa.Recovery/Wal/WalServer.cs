using System.Globalization;
using Npgsql;
using Npgsql.Replication;

namespace CardanoRwa.Recovery.Wal;

/// <summary>The database as the receiver sees it beside the stream: who leads, the slot, the clock.</summary>
internal sealed class WalServer : IAsyncDisposable
{
    // Any constant will do; it spells 'rwa-wal'.
    private const long LockKey = 0x72_77_61_2d_77_61_6c;
    private readonly NpgsqlConnection _session;
    private readonly WalOptions _options;
    private readonly string _connectionString;
    private long _beatAt;

    private WalServer(NpgsqlConnection session, string connectionString, WalOptions options) => (_session, _connectionString, _options) = (session, connectionString, options);

    public static async Task<WalServer> ConnectAsync(string connectionString, WalOptions options, CancellationToken cancellationToken)
    {
        // A worker that is stopped without being ended keeps its connections; the server ends them after this silence.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5, CommandTimeout = 15, Options = "-c idle_session_timeout=20s", ApplicationName = "rwa_wal_control" };
        var session = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await session.OpenAsync(cancellationToken);
            return new WalServer(session, connectionString, options);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>To the very server that this session is with: of several, another may be the primary by now.</summary>
    public PhysicalReplicationConnection Replication() => new(new NpgsqlConnectionStringBuilder(_connectionString)
    {
        Host = _session.Host,
        Port = _session.Port,
        TargetSessionAttributes = null,
        Timeout = 5,
        CommandTimeout = 15,
        ApplicationName = _options.ApplicationName,
        Options = "-c wal_sender_timeout=15s",
    }.ConnectionString)
    {
        WalReceiverStatusInterval = TimeSpan.FromSeconds(3),
        WalReceiverTimeout = TimeSpan.FromSeconds(30),
    };

    public async Task<bool> TryLeadAsync(CancellationToken cancellationToken) => await AskAsync<bool>($"SELECT pg_try_advisory_lock({LockKey})", cancellationToken);

    public async Task<(Lsn RestartLsn, bool WasLost)> SlotAsync(PhysicalReplicationConnection replication, CancellationToken cancellationToken)
    {
        var (restart, state) = await FindSlotAsync(cancellationToken);
        var isLost = state == "lost";
        if (isLost)
        {
            await replication.DropReplicationSlot(_options.Slot, cancellationToken: cancellationToken);
        }
        if (isLost || state is null)
        {
            await replication.CreateReplicationSlot(_options.Slot, isTemporary: false, reserveWal: true, cancellationToken);
            (restart, _) = await FindSlotAsync(cancellationToken);
        }
        return (restart ?? throw new InvalidOperationException($"Slot {_options.Slot} keeps no WAL: it was made by somebody else. Drop it."), isLost);
    }

    /// <summary>The client's own command for this casts wrongly; the file is read as one.</summary>
    public async Task<byte[]> HistoryAsync(uint timeline, CancellationToken cancellationToken) =>
        await AskAsync<byte[]>($"SELECT pg_read_binary_file('pg_wal/{timeline:X8}.history')", cancellationToken);

    /// <summary>Commits an empty transaction now and then: it carries the time to which can be restored.</summary>
    public async Task BeatAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        if (_options.BeatInterval == TimeSpan.Zero || (_beatAt != 0 && clock.GetElapsedTime(_beatAt) < _options.BeatInterval))
        {
            return;
        }
        // It must not wait for a synchronous standby: that may be this very receiver.
        await AskAsync<object>("SELECT set_config('synchronous_commit', 'local', false)", cancellationToken);
        if (!await AskAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken))
        {
            await AskAsync<object>("SELECT pg_logical_emit_message(true, 'rwa_beat', '')", cancellationToken);
        }
        _beatAt = clock.GetTimestamp();
    }

    public async Task<WalServerPosition> PositionAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_flush_lsn() END,
                   s.restart_lsn, s.wal_status, s.safe_wal_size, pg_size_bytes(current_setting('max_slot_wal_keep_size')) , clock_timestamp()
            FROM (SELECT 1) one LEFT JOIN pg_replication_slots s ON s.slot_name = $1
            """, _session)
        { Parameters = { new NpgsqlParameter { Value = _options.Slot } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var end = await reader.GetFieldValueAsync<Lsn>(0, cancellationToken);
        var restart = await reader.IsDBNullAsync(1, cancellationToken) ? end : await reader.GetFieldValueAsync<Lsn>(1, cancellationToken);
        var limit = await reader.GetFieldValueAsync<long>(4, cancellationToken);
        return new WalServerPosition(end, end.Minus(restart), limit > 0 ? limit : null, await reader.GetFieldValueAsync<DateTimeOffset>(5, cancellationToken));
    }

    public static int Bytes(string setting)
    {
        var digits = new string([.. setting.TakeWhile(char.IsAsciiDigit)]);
        var number = int.Parse(digits, CultureInfo.InvariantCulture);
        return setting[digits.Length..] switch
        {
            "MB" => number << 20,
            "GB" => number << 30,
            "kB" => number << 10,
            _ => number,
        };
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private async Task<(Lsn? Restart, string? State)> FindSlotAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT restart_lsn, coalesce(wal_status, 'unreserved') FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical'", _session)
        { Parameters = { new NpgsqlParameter { Value = _options.Slot } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (await reader.IsDBNullAsync(0, cancellationToken) ? null : await reader.GetFieldValueAsync<Lsn>(0, cancellationToken), reader.GetString(1))
            : (null, null);
    }

    private async Task<T> AskAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _session);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

/// <param name="End">Where the database's log ends.</param>
/// <param name="Retained">Bytes that the slot keeps.</param>
/// <param name="Limit">At how many it is invalidated; null for never.</param>
/// <param name="At">By the database's clock.</param>
internal sealed record WalServerPosition(Lsn End, long Retained, long? Limit, DateTimeOffset At);
