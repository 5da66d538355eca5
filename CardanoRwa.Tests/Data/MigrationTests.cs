using CardanoRwa.Core.Data;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CardanoRwa.Tests.Data;

[Collection(GraphCollection.Name)]
public sealed class MigrationTests(GraphFixture graph)
{
    [Fact]
    public async Task Several_runners_at_once_migrate_a_fresh_database_once()
    {
        var database = await CreateDatabaseAsync(graph);

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var db = Registry.Context(database);
            return await new MigrationRunner(db, NullLogger<MigrationRunner>.Instance).RunAsync(CancellationToken.None);
        }));

        Assert.Single(applied, a => a.Count > 0);
        await using var check = Registry.Context(database);
        Assert.Empty(await check.Database.GetPendingMigrationsAsync());
    }

    [Fact]
    public async Task Model_and_migrations_agree()
    {
        await using var db = Registry.Context(graph.Database);

        Assert.False(db.Database.HasPendingModelChanges());
    }

    internal static async Task<string> CreateDatabaseAsync(GraphFixture graph)
    {
        var name = $"fresh_{Guid.NewGuid():N}";
        await using var source = NpgsqlDataSource.Create(graph.Database);
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(graph.Database) { Database = name }.ConnectionString;
    }
}
