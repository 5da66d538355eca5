using System.Diagnostics;
using System.Globalization;
using CardanoRwa.Core.Data;
using CardanoRwa.Tests.Data;
using CardanoRwa.Tests.Delivery;
using CardanoRwa.Tests.Graph;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CardanoRwa.Tests.Status;

/// <summary>An Api of the test's own, over a database that goes away.</summary>
[Collection(GraphCollection.Name)]
public sealed class DatabaseAwayTests(GraphFixture graph)
{
    [Fact]
    public async Task Status_tells_that_the_database_is_away_with_what_was_last_known_and_that_it_is_back()
    {
        var database = await MigrationTests.CreateDatabaseAsync(graph);
        await using (var db = Registry.Context(database))
        {
            await new MigrationRunner(db, NullLogger<MigrationRunner>.Instance).RunAsync(default);
        }
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LocalPrometheus.FreePort()}"));
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "CardanoRwa.Api.dll")])
        {
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["ASPNETCORE_URLS"] = address.ToString(), ["ConnectionStrings__rwadb"] = database, ["ConnectionStrings__cache"] = graph.Cache },
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        try
        {
            using var client = new HttpClient { BaseAddress = address };
            client.DefaultRequestHeaders.Add("X-Api-Key", "rwa-dev-key");
            await UntilAsync(client, page => page.Contains("Platform status", StringComparison.Ordinal) && !page.Contains("cannot be used", StringComparison.Ordinal));
            using var declared = await client.PostAsync("/api/v1/incidents", new { title = "Known before", impact = "minor", message = "m" });
            await UntilAsync(client, page => page.Contains("Known before", StringComparison.Ordinal));

            await AllowAsync(database, "false");
            await UntilAsync(client, page => page.Contains("cannot be used", StringComparison.Ordinal) && page.Contains("was last known at", StringComparison.Ordinal) && page.Contains("Known before", StringComparison.Ordinal));
            await AllowAsync(database, "true");
            await UntilAsync(client, page => !page.Contains("cannot be used", StringComparison.Ordinal));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private async Task AllowAsync(string database, string allowed)
    {
        var name = new NpgsqlConnectionStringBuilder(database).Database!;
        await using var source = NpgsqlDataSource.Create(graph.Database);
        await using var alter = source.CreateCommand($"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}");
        await alter.ExecuteNonQueryAsync();
        await graph.ScalarAsync<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1", name);
    }

    private static async Task UntilAsync(HttpClient client, Func<string, bool> seen)
    {
        var (since, last) = (Stopwatch.GetTimestamp(), "no answer");
        while (true)
        {
            try
            {
                last = await client.GetStringAsync(new Uri("/status", UriKind.Relative));
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
            {
                last = e.Message; // it is still starting
            }
            if (seen(last))
            {
                return;
            }
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(60), last);
            await Task.Delay(200);
        }
    }
}
