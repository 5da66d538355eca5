using CardanoRwa.Tests.Graph;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace CardanoRwa.Tests.ServiceDefaults;

[Collection(GraphCollection.Name)]
public class DatabaseMetricsTests(GraphFixture graph)
{
    [Fact]
    public async Task Commands_of_EF_and_of_plain_SQL_are_timed_under_the_name_of_the_dashboards()
    {
        await using var raw = new NpgsqlDataSourceBuilder(graph.Database) { Name = "metrics-raw" }.Build();
        await using var host = await StartAsync();

        await host.Client.GetStringAsync("/ef");
        await using (var command = raw.CreateCommand("select 2"))
        {
            await command.ExecuteScalarAsync();
        }

        var scrape = await host.ScrapeAsync();

        Assert.Contains("\ndb_query_duration_seconds_count{db_client_connection_pool_name=\"metrics-ef\"} 1", scrape);
        Assert.Contains("\ndb_query_duration_seconds_count{db_client_connection_pool_name=\"metrics-raw\"} 1", scrape);
        Assert.Contains("\ndb_query_duration_seconds_sum{db_client_connection_pool_name=\"metrics-ef\"}", scrape);
        Assert.Contains("\ndb_query_duration_seconds_bucket{db_client_connection_pool_name=\"metrics-ef\",le=\"0.05\"}", scrape);
        Assert.Contains("\ndb_query_duration_seconds_bucket{db_client_connection_pool_name=\"metrics-ef\",le=\"0.0005\"}", scrape);
        Assert.DoesNotContain("db_client_operation_duration", scrape);
    }

    [Fact]
    public async Task Health_with_Postgres_up_is_healthy()
    {
        await using var host = await StartAsync();

        Assert.Equal("Healthy", await host.Client.GetStringAsync("/health"));
    }

    [Fact]
    public async Task Command_is_traced_below_its_request()
    {
        RecordedSpans? recorded = null;
        await using var host = await StartAsync(builder => recorded = RecordedSpans.On(builder), RecordedSpans.AlwaysSampled);

        await host.Client.GetStringAsync("/ef");

        Assert.Contains(recorded!.All, span => span.Source.Name == "Npgsql" && span.Parent is { Kind: System.Diagnostics.ActivityKind.Server });
    }

    private Task<ServiceHost> StartAsync(Action<WebApplicationBuilder>? configure = null, params (string, string?)[] settings) => ServiceHost.StartAsync(
        builder =>
        {
            builder.AddNpgsqlDbContext<ThingContext>("rwadb",
                configureDbContextOptions: options => options.UseNpgsql(npgsql => npgsql.ConfigureDataSource(source => source.Name = "metrics-ef")));
            configure?.Invoke(builder);
        },
        app => app.MapGet("/ef", (ThingContext things) => things.Database.SqlQuery<int>($"select 1 as \"Value\"").SingleAsync()),
        [("ConnectionStrings:rwadb", graph.Database), .. settings]);
}
