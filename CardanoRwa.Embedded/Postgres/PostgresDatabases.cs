using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace CardanoRwa.Embedded.Postgres;

internal static class PostgresDatabases
{
    /// <summary>Creates the databases of the graph that the server does not have yet.</summary>
    public static async Task CreateAsync(PostgresServerResource server, IResourceCollection resources, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(server, cancellationToken);
        foreach (var database in resources.OfType<PostgresDatabaseResource>().Where(d => d.Parent == server))
        {
            var script = database.TryGetLastAnnotation<PostgresCreateDatabaseScriptAnnotation>(out var given)
                ? given.Script
                : $"CREATE DATABASE {Quote(database.DatabaseName)}";
            try
            {
                await using var command = new NpgsqlCommand(script, connection);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase)
            {
                // Kept from an earlier run.
            }
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(PostgresServerResource server, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await PostgresHealthCheck.OpenAsync(server, "postgres", cancellationToken);
            }
            catch (NpgsqlException) when (server.Standby is not null)
            {
                // This one is ready as a standby; the other, the primary, is not up yet.
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            }
        }
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
