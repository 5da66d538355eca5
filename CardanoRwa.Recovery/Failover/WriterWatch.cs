using Npgsql;

namespace CardanoRwa.Recovery.Failover;

/// <summary>Tries the old primary's address all the time while another takes its place: it must never again say that it takes writes.</summary>
internal sealed class WriterWatch(PairServer old, PairServer next, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public long TwoWriters { get; private set; }
    public long OldTookWrites { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (await TryAsync(old, write: true, cancellationToken))
                {
                    TwoWriters += await TryAsync(next, write: false, cancellationToken) ? 1 : 0;
                }
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Seen enough.
        }
    }

    /// <returns>Whether the server says that it takes writes.</returns>
    private async Task<bool> TryAsync(PairServer server, bool write, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await server.OpenAsync(cancellationToken);
            await using var ask = new NpgsqlCommand("SELECT pg_is_in_recovery()", connection);
            var takesWrites = !(bool)(await ask.ExecuteScalarAsync(cancellationToken))!;
            if (write)
            {
                await using var insert = new NpgsqlCommand($"INSERT INTO {FailoverLoad.Table} (writer, number) SELECT -1, coalesce(max(number), 0) + 1 FROM {FailoverLoad.Table} WHERE writer = -1", connection);
                await insert.ExecuteNonQueryAsync(cancellationToken);
                OldTookWrites++;
            }
            return takesWrites;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }
}
