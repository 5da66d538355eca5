using System.Text;
using CardanoRwa.Core.Assets;
using CardanoRwa.Tests.Graph;
using CardanoRwa.Tests.Imports;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Assets;

/// <summary>The indexes answer the list's queries: no plan reads the table from end to end or sorts more than a page's candidates.</summary>
[Collection(GraphCollection.Name)]
public sealed class QueryPlanTests(GraphFixture graph)
{
    [Theory]
    [InlineData("", "ix_assets_created_at_id")]
    [InlineData("sort=createdAt", "ix_assets_created_at_id")]
    [InlineData("sort=value", "ix_assets_value_id")]
    [InlineData("sort=-value&minValue=500000", "ix_assets_value_id")]
    [InlineData("sort=name", "ix_assets_name_id")]
    [InlineData("kind=plan-rare", "ix_assets_kind_created_at_id")]
    [InlineData("jurisdiction=CH-ZH", "ix_assets_jurisdiction_created_at_id")]
    [InlineData("externalId=plan-7129300520", "ix_assets_external_id")]
    [InlineData("attr.zipcode=98039&minValue=1000000", "ix_assets_attributes")]
    [InlineData("q=7129300520", "ix_assets_search")]
    public async Task List_is_answered_from_an_index(string queryString, string index)
    {
        await PrepareAsync();
        var query = AssetQuery.Parse(queryString.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => KeyValuePair.Create(p.Split('=')[0], p.Split('=')[1]))).Value!;
        await using var db = Registry.Context(graph.Database);

        var first = await PlanAsync(AssetReader.Page(db, query));
        Assert.Contains(index, first, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", first, StringComparison.Ordinal);

        if (await AssetReader.Page(db, query).Skip(query.Limit - 1).FirstOrDefaultAsync() is { } last)
        {
            var deep = await PlanAsync(AssetReader.Page(db, query with { After = AssetCursor.At(last, query) }));
            Assert.DoesNotContain("Seq Scan", deep, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Guides_query_of_recent_assets_with_compliance_is_answered_from_indexes()
    {
        await PrepareAsync();

        var plan = await ExplainAsync("""
            SELECT a.id, a.name, a.value, c.status
            FROM assets a
            LEFT JOIN compliance_records c ON a.id = c.asset_id
            WHERE a.created_at > NOW() - INTERVAL '30 days'
            ORDER BY a.created_at DESC
            LIMIT 100
            """, []);

        Assert.Contains("ix_assets_created_at_id", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on assets", plan, StringComparison.Ordinal);
    }

    private async Task PrepareAsync()
    {
        if (await graph.ScalarAsync<long>("SELECT count(*) FROM assets WHERE kind = 'plan'") == 0)
        {
            await SampleFile.ImportAsync(graph.Api, SampleFile.Url("plan-", "plan"));
            await graph.Api.CreateAssetAsync(new { name = "rare", value = 1, kind = "plan-rare", jurisdiction = "CH-ZH" });
            await using var source = NpgsqlDataSource.Create(graph.Database);
            await using var analyze = source.CreateCommand("VACUUM ANALYZE assets");
            await analyze.ExecuteNonQueryAsync();
        }
    }

    private async Task<string> PlanAsync(IQueryable<Asset> query)
    {
        await using var command = query.CreateDbCommand();
        return await ExplainAsync(command.CommandText, [.. command.Parameters.Cast<NpgsqlParameter>().Select(p => p.Clone())]);
    }

    private async Task<string> ExplainAsync(string sql, NpgsqlParameter[] parameters)
    {
        await using var source = NpgsqlDataSource.Create(graph.Database);
        await using var command = source.CreateCommand("EXPLAIN " + sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var plan = new StringBuilder();
        while (await reader.ReadAsync())
        {
            plan.AppendLine(reader.GetString(0));
        }
        return plan.ToString();
    }
}
