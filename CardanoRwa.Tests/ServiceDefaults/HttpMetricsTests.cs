using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CardanoRwa.Tests.ServiceDefaults;

// Meters are heard across the process: a host started by another test beside this one may count here too, under its own routes.
public class HttpMetricsTests
{
    // What Prometheus 3 sends: it would take UTF-8 names too, and must still be given the names in the dashboards.
    private const string Prometheus3 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.1";

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain;version=0.0.4")]
    [InlineData(Prometheus3)]
    public async Task Scrape_after_requests_has_the_exact_names_and_labels(string? accept)
    {
        await using var host = await ServiceHost.StartAsync(map: app => app.MapGroup("/api/v1/things").MapGet("/{id:int}", (int id) => id));
        await host.Client.GetStringAsync("/api/v1/things/1");
        await host.Client.GetStringAsync("/api/v1/things/2?secret=3");

        var scrape = await host.ScrapeAsync(accept);

        Assert.Contains("\nhttp_requests_total{method=\"GET\",route=\"/api/v1/things/{id:int}\",status=\"200\"} 2", scrape);
        Assert.Contains(
            "\nhttp_request_duration_seconds_bucket{method=\"GET\",route=\"/api/v1/things/{id:int}\",status=\"200\",le=\"10\"} 2",
            scrape.Replace("le=\"10.0\"", "le=\"10\""));
        Assert.Contains("\nhttp_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/things/{id:int}\",status=\"200\"} 2", scrape);
        Assert.Contains("\nhttp_request_duration_seconds_sum{", scrape);
        Assert.Contains("service_name=\"defaults-test\"", scrape);
    }

    [Fact]
    public async Task Path_without_a_route_never_becomes_a_label()
    {
        await using var host = await ServiceHost.StartAsync(map: app => app.MapGet("/known", () => "x"));
        await host.Client.GetAsync("/wp-admin/setup.php");
        await host.Client.PostAsync("/known", null);

        var scrape = await host.ScrapeAsync();

        Assert.Contains("http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"}", scrape);
        Assert.Contains("http_requests_total{method=\"POST\",route=\"unmatched\",status=\"405\"}", scrape);
        Assert.DoesNotContain("wp-admin", scrape);
    }

    [Fact]
    public async Task Invented_method_shares_one_label()
    {
        await using var host = await ServiceHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod("BREW"), "/");
        await host.Client.SendAsync(request);

        var scrape = await host.ScrapeAsync();

        Assert.Contains("method=\"_OTHER\"", scrape);
        Assert.DoesNotContain("method=\"BREW\"", scrape);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Exception_counts_as_500_of_its_own_route(bool handled)
    {
        await using var host = await ServiceHost.StartAsync(map: app =>
        {
            if (handled)
            {
                app.UseExceptionHandler(errors => errors.Run(context => context.Response.WriteAsync("sorry")));
            }

            app.MapGet($"/broken/{handled}/{{id}}", Task (string id) => throw new InvalidOperationException(id));
        });

        var response = await host.Client.GetAsync($"/broken/{handled}/7");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains($"http_requests_total{{method=\"GET\",route=\"/broken/{handled}/{{id}}\",status=\"500\"}} 1", await host.ScrapeAsync());
    }

    [Fact]
    public async Task Probes_and_scrapes_are_not_counted()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.Client.GetStringAsync("/health");
        await host.Client.GetStringAsync("/alive");
        await host.ScrapeAsync();

        var scrape = await host.ScrapeAsync();
        Assert.DoesNotContain("method=\"GET\",route=\"/health\"", scrape);
        Assert.DoesNotContain("method=\"GET\",route=\"/alive\"", scrape);
        Assert.DoesNotContain("method=\"GET\",route=\"/metrics\"", scrape);
    }
}
