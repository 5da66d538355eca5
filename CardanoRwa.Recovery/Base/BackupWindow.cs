using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>
/// The time between pg_backup_start and pg_backup_stop. It ends with the session, as does the temporary slot that keeps the server from
/// removing WAL written meanwhile.
/// </summary>
internal sealed class BackupWindow
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private const int ControlFileAttempts = 50;

    private readonly NpgsqlConnection _session;

    private BackupWindow(NpgsqlConnection session, string slot, Lsn start) => (_session, Slot, Start) = (session, slot, start);

    /// <summary>The temporary slot's name, which no other cluster has.</summary>
    public string Slot { get; }

    public Lsn Start { get; }

    public static async Task<BackupWindow> OpenAsync(NpgsqlConnection session, string id, bool isFast, CancellationToken cancellationToken)
    {
        var slot = $"base_{id.Replace('-', '_').ToLowerInvariant()}";
        await using (var pin = new NpgsqlCommand("SELECT pg_create_physical_replication_slot($1, true, true)", session) { Parameters = { new() { Value = slot } } })
        {
            await pin.ExecuteScalarAsync(cancellationToken);
        }
        await using var start = new NpgsqlCommand("SELECT pg_backup_start($1, $2)", session) { Parameters = { new() { Value = id }, new() { Value = isFast } } };
        return new BackupWindow(session, slot, (Lsn)(await start.ExecuteScalarAsync(cancellationToken))!);
    }

    public async Task<byte[]> ReadControlFileAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < ControlFileAttempts; attempt++)
        {
            await using var command = new NpgsqlCommand("SELECT pg_read_binary_file($1)", _session) { Parameters = { new() { Value = ControlFile.Path } } };
            var file = (byte[])(await command.ExecuteScalarAsync(cancellationToken))!;
            if (ControlFile.IsWhole(file))
            {
                return file;
            }
            await Task.Delay(Pause, clock, cancellationToken);
        }
        throw new InvalidDataException($"{ControlFile.Path} has a wrong checksum however often it is read.");
    }

    /// <summary>Ends the backup. The server switches to a new segment of WAL, so the last one needed is complete.</summary>
    public async Task<(Lsn Stop, string Label, string? TablespaceMap, DateTimeOffset At)> CloseAsync(CancellationToken cancellationToken)
    {
        await using var stop = new NpgsqlCommand("SELECT lsn, labelfile, spcmapfile, clock_timestamp() FROM pg_backup_stop(false)", _session);
        await using var row = await stop.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var map = row.IsDBNull(2) ? "" : row.GetString(2);
        return (row.GetFieldValue<Lsn>(0), row.GetString(1), map.Length == 0 ? null : map, row.GetFieldValue<DateTimeOffset>(3));
    }
}
