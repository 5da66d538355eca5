using CardanoRwa.Tests.Graph;
using Npgsql;

namespace CardanoRwa.Tests.Data;

[Collection(GraphCollection.Name)]
public sealed class ConfigurationRecordTests(GraphFixture graph)
{
    [Fact]
    public async Task Api_and_worker_leave_what_they_were_started_with_without_its_secrets()
    {
        await using var source = NpgsqlDataSource.Create(graph.Database);
        var password = new NpgsqlConnectionStringBuilder(graph.Database).Password!;
        Assert.NotEmpty(password);
        var lines = new Dictionary<string, string[]>();
        for (var i = 0; i < 300 && lines.Count < 2; i++)
        {
            await Task.Delay(100);
            await using var command = source.CreateCommand("SELECT service, lines FROM configurations");
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                lines[rows.GetString(0)] = rows.GetFieldValue<string[]>(1);
            }
        }

        Assert.Equal(["api", "worker"], lines.Keys.Order(StringComparer.Ordinal));
        Assert.All(lines.Values, l => Assert.Contains(l, line => line.StartsWith("ConnectionStrings:rwadb = secret ", StringComparison.Ordinal)));
        Assert.All(lines.Values.SelectMany(l => l), line => Assert.DoesNotContain(password, line, StringComparison.Ordinal));
    }
}
