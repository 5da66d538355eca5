using CardanoRwa.Tests.Graph;
using Npgsql;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Audit;

[Collection(GraphCollection.Name)]
public sealed class AuditTests(GraphFixture graph)
{
    [Fact]
    public async Task Every_change_leaves_a_row_whose_hashes_chain()
    {
        var id = Guid.Parse((await graph.Api.CreateAssetAsync()).Text("id"));
        using var patch = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = "b" }, ifMatch: "*");
        using var retire = await graph.Api.PostAsync($"{AssetsPath}/{id}/retire", new { reason = "sold" });
        await retire.JsonAsync();

        await using var source = NpgsqlDataSource.Create(graph.Database);
        await using var command = source.CreateCommand("SELECT action, actor, before_hash, after_hash FROM audit WHERE subject_id = $1 AND action LIKE 'asset.%' ORDER BY id");
        command.Parameters.AddWithValue(id);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(string Action, string Actor, string? Before, string? After)>();
        while (await reader.ReadAsync())
        {
            rows.Add((reader.GetString(0), reader.GetString(1), Hex(reader, 2), Hex(reader, 3)));
        }

        Assert.Equal(["asset.created", "asset.changed", "asset.changed"], rows.Select(r => r.Action));
        Assert.All(rows, r => Assert.Equal("key:development", r.Actor));
        Assert.Null(rows[0].Before);
        Assert.Equal(rows[0].After, rows[1].Before);
        Assert.Equal(rows[1].After, rows[2].Before);
        Assert.Equal(3, rows.Select(r => r.After).Distinct().Count());
    }

    [Theory]
    [InlineData("UPDATE audit SET actor = 'nobody'")]
    [InlineData("DELETE FROM audit")]
    [InlineData("TRUNCATE audit")]
    public async Task Trail_cannot_be_rewritten(string sql)
    {
        await graph.Api.CreateAssetAsync();
        await using var source = NpgsqlDataSource.Create(graph.Database);
        await using var command = source.CreateCommand(sql);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
    }

    private static string? Hex(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : Convert.ToHexString(reader.GetFieldValue<byte[]>(column));
}
