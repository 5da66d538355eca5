using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace CardanoRwa.Embedded.Postgres;

internal static class PostgresDatabases
{
    /// <summary>Creates the databases of the graph that the server does not have yet.</summary>
    public static async Task CreateAsync(PostgresServerResource server, IResourceCollection resources, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresHealthCheck.OpenAsync(server, "postgres", cancellationToken);
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

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
