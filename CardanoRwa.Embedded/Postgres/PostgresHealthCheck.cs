using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>A real query on a connection of its own, so that a pool's stale connections say nothing about the server.</summary>
/// <param name="server">The server, or the pair.</param>
/// <param name="database">The database to ask.</param>
/// <param name="endpoint">The one of a pair that is meant, whatever its part; null for the one that takes writes.</param>
internal sealed class PostgresHealthCheck(PostgresServerResource server, string database, EndpointReference? endpoint = null) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!server.PrimaryEndpoint.IsAllocated)
            return HealthCheckResult.Unhealthy("The endpoint has no port yet.");

        try
        {
            await using var connection = await OpenAsync(server, database, cancellationToken, endpoint);
            await using var query = new NpgsqlCommand("SELECT 1", connection);
            await query.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }

    public static async Task<NpgsqlConnection> OpenAsync(PostgresServerResource server, string database, CancellationToken cancellationToken, EndpointReference? endpoint = null)
    {
        var text = await server.ConnectionStringExpression.GetValueAsync(cancellationToken);
        var settings = new NpgsqlConnectionStringBuilder(text)
        {
            Database = database,
            Pooling = false,
            Timeout = 5,
            CommandTimeout = 5,
            SslMode = SslMode.Disable,
        };
        if (endpoint is not null && server.Standby is not null)
        {
            settings.Host = endpoint.Host;
            settings.Port = endpoint.Port;
            settings.TargetSessionAttributes = null;
        }

        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
