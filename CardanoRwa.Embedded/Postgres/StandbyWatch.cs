using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>
/// Makes commits wait for the standby once it streams, and then notes in its data that nothing acknowledged is missing there. A primary that was just
/// promoted has nobody to wait for: it takes writes at once, and waits again as soon as its predecessor follows it.
/// </summary>
internal sealed class StandbyWatch(PostgresServerResource server, IConfiguration configuration, ResourceLoggerService loggers) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isWanted = StandbyOptions.Read(configuration).Synchronous;
        var folder = DataFolder.For(configuration);
        PairMember[] members =
        [
            new(server, folder, () => server.PrimaryEndpoint.Port),
            new(server.Standby!, folder, () => server.Standby!.Endpoint.Port),
        ];
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var (primary, standby) in new[] { (members[0], members[1]), (members[1], members[0]) })
                {
                    if (server.PrimaryEndpoint.IsAllocated && primary.Read() is { HasData: true, IsStandby: false, IsFenced: false } && standby.Read() is { HasData: true, IsStandby: true, IsFenced: false })
                        await FollowAsync(primary, standby, isWanted, stoppingToken);
                }
            }
            catch (Exception e) when (e is NpgsqlException or IOException or UnauthorizedAccessException && !stoppingToken.IsCancellationRequested)
            {
                // The primary is going or coming; whoever comes is looked at next.
            }

            catch (Exception e) when (e is not OperationCanceledException)
            {
                loggers.Write(server.Name, $"Watching the standby failed: {e}", isError: true);
            }

            await Task.Delay(Pause, stoppingToken);
        }
    }

    /// <summary>Until this primary is gone, or is one no more.</summary>
    private async Task FollowAsync(PairMember primary, PairMember standby, bool isWanted, CancellationToken cancellationToken)
    {
        await using var session = await PostgresPair.OpenAsync(server, primary, cancellationToken);
        if ((bool)(await new NpgsqlCommand("SELECT pg_is_in_recovery()", session).ExecuteScalarAsync(cancellationToken))!)
            return;
        File.Delete(primary.File(PairMember.Synchronous));
        if (!isWanted)
            File.Delete(standby.File(PairMember.Synchronous));
        while (!primary.Read().IsFenced && standby.Read().IsStandby)
        {
            var (names, state) = await StateAsync(session, cancellationToken);
            if (!isWanted && names == PostgresPair.Role)
                await SetAsync(session, "ALTER SYSTEM RESET synchronous_standby_names", cancellationToken);
            else if (isWanted && names == PostgresPair.Role && state is null && !File.Exists(standby.File(PairMember.Synchronous)))
                // It has never been in step, so nobody relies on it: writes need not wait for it to be mended.
                await SetAsync(session, "ALTER SYSTEM RESET synchronous_standby_names", cancellationToken);
            else if (isWanted && names == "" && state is "streaming async")
                await SetAsync(session, $"ALTER SYSTEM SET synchronous_standby_names = '{PostgresPair.Role}'", cancellationToken);
            else if (isWanted && state is "streaming sync" && !File.Exists(standby.File(PairMember.Synchronous)) && await HasAllAsync(session, cancellationToken))
                await MarkAsync(standby, cancellationToken);
            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static async Task<(string Names, string? State)> StateAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT current_setting('synchronous_standby_names'), (SELECT state || ' ' || sync_state FROM pg_stat_replication WHERE application_name = '{PostgresPair.Role}' LIMIT 1)", session);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetString(0), await row.IsDBNullAsync(1, cancellationToken) ? null : row.GetString(1));
    }

    private static async Task SetAsync(NpgsqlConnection session, string change, CancellationToken cancellationToken)
    {
        await new NpgsqlCommand(change, session).ExecuteNonQueryAsync(cancellationToken);
        await new NpgsqlCommand("SELECT pg_reload_conf()", session).ExecuteNonQueryAsync(cancellationToken);
    }

    // From when commits wait on, all later ones are covered; the earlier ones are, once it has flushed up to here.
    private static async Task<bool> HasAllAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        // That commits are to wait is told to them by the checkpointer, which may be busy: after a checkpoint it has read its settings.
        await new NpgsqlCommand("CHECKPOINT", session).ExecuteNonQueryAsync(cancellationToken);
        var end = (NpgsqlTypes.NpgsqlLogSequenceNumber)(await new NpgsqlCommand("SELECT pg_current_wal_insert_lsn()", session).ExecuteScalarAsync(cancellationToken))!;
        await new NpgsqlCommand("SELECT pg_logical_emit_message(true, 'rwa_standby', '')", session).ExecuteNonQueryAsync(cancellationToken);
        for (var i = 0; i < 25; i++)
        {
            await using var command = new NpgsqlCommand($"SELECT bool_or(flush_lsn >= $1) FROM pg_stat_replication WHERE application_name = '{PostgresPair.Role}' AND sync_state = 'sync'", session) { Parameters = { new() { Value = end, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.PgLsn } } };
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
                return true;
            await Task.Delay(20, cancellationToken);
        }

        return false;
    }

    private async Task MarkAsync(PairMember standby, CancellationToken cancellationToken)
    {
        var file = standby.File(PairMember.Synchronous);
        await File.WriteAllTextAsync(file, "", cancellationToken);
        if (PostgresUser.Choose() is { } user)
            Unix.ChangeOwner(file, user);
        loggers.Write(standby.Name, "Commits wait for this standby from now on.", isError: false);
    }
}
