using System.Net.Sockets;
using Npgsql;

namespace CardanoRwa.Recovery.Failover;

/// <summary>Makes the standby of a pair its primary, on somebody's order and only where the old one is out of the way.</summary>
public sealed class Promotion(IReadOnlyList<PairServer> servers, TimeProvider clock)
{
    private static readonly TimeSpan MayTake = TimeSpan.FromSeconds(60);

    /// <summary>Which server would be promoted, or why none may be.</summary>
    /// <param name="acceptsLoss">Take a standby that commits did not wait for: what was acknowledged last may be missing on it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Outcome<PairServer>> ChooseAsync(bool acceptsLoss, CancellationToken cancellationToken)
    {
        if (servers.Count < 2)
        {
            return new RecoveryRefusal("failover.no-pair", "The connection string 'rwadb' names one server.", "Name both: Host=a:5432,b:5432;Target Session Attributes=primary;...");
        }
        var standbys = new List<(PairServer Server, PairServerState State)>();
        foreach (var server in servers)
        {
            var (state, _) = await server.AskAsync(cancellationToken);
            if (state is { IsStandby: true })
            {
                standbys.Add((server, state));
            }
            else if (state is not null)
            {
                return new RecoveryRefusal("failover.primary-answers", $"{server.Name} is a primary and answers.", "Two must not take writes. Stop it for good first, or leave it be: it needs no failover.");
            }
            else if (await ListensAsync(server, cancellationToken))
            {
                // It may be starting, full, or refuse this very user: whoever listens may take writes.
                return new RecoveryRefusal("failover.primary-listens", $"Something listens on {server.Name}, although it does not answer.", "Stop that server, or cut it off, before the standby is promoted.");
            }
        }
        if (standbys.Count == 0)
        {
            return new RecoveryRefusal("failover.no-standby", "No standby answers.", "Start one, or restore: CardanoRwa.Worker restore --to latest.");
        }
        // The one that has most of the log.
        var best = standbys.OrderByDescending(s => s.State.HasAll).ThenByDescending(s => s.State.End).First();
        return best.State.HasAll || acceptsLoss ? best.Server : new RecoveryRefusal(
            "failover.may-lose", $"Commits did not wait for {best.Server.Name}: what was acknowledged last may be missing on it.", "Add --accept-loss to promote it all the same. Restoring from the stores may lose less: 'wal status' says until when.");
    }

    /// <summary>Orders it; returns when the server has taken the order, not when it takes writes.</summary>
    /// <param name="server">From <see cref="ChooseAsync"/>.</param>
    /// <param name="walSlot">The slot of the backups, which is not copied to a standby: made first, so that it keeps what the stores have not got yet.</param>
    /// <param name="cancellationToken">Stops it before the order.</param>
    public static async Task OrderAsync(PairServer server, string walSlot, CancellationToken cancellationToken)
    {
        await using var connection = await server.OpenAsync(cancellationToken);
        await using (var slot = new NpgsqlCommand("SELECT pg_create_physical_replication_slot($1, true) WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)", connection) { Parameters = { new() { Value = walSlot } } })
        {
            await slot.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var promote = new NpgsqlCommand("SELECT pg_promote(false)", connection);
        await promote.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>Waits until it takes writes.</summary>
    public async Task<bool> WaitAsync(PairServer server, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began) < MayTake)
        {
            if ((await server.AskAsync(cancellationToken)).State is { IsStandby: false })
            {
                return true;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
        return false;
    }

    public static async Task<bool> ListensAsync(PairServer server, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(server.Host, server.Port, patience.Token);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody refuses and nobody answers: a machine that is off, or cut off. Whether it is dead, only the operator can say.
            return false;
        }
    }
}
