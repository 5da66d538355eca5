using System.Net;
using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CardanoRwa.Tests.ServiceDefaults;

public class NpgsqlDbContextTests
{
    private const string Nowhere = "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing";
    private const string Section = ThingContext.SettingsSection;

    [Fact]
    public void Missing_connection_string_is_reported_when_the_context_is_asked_for()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.AddNpgsqlDbContext<ThingContext>("rwadb");
        using var services = builder.Services.BuildServiceProvider();

        var error = Assert.Throws<InvalidOperationException>(() => Resolve(services));

        Assert.Contains("'ConnectionStrings:rwadb'", error.Message);
        Assert.Contains($"'{Section}:ThingContext'", error.Message);
    }

    [Fact]
    public void More_specific_section_wins_and_code_wins_over_all()
    {
        (string, string?)[] settings =
        [
            ("ConnectionStrings:rwadb", Nowhere),
            ($"{Section}:ConnectionString", "Host=loses"),
            ($"{Section}:CommandTimeout", "1"),
            ($"{Section}:DisableRetry", "true"),
        ];
        Assert.Equal((1, false), Build(settings));
        Assert.Equal((2, false), Build([.. settings, ($"{Section}:rwadb:CommandTimeout", "2")]));
        Assert.Equal((3, true), Build(
            [.. settings, ($"{Section}:rwadb:CommandTimeout", "2"), ($"{Section}:ThingContext:CommandTimeout", "3"), ($"{Section}:ThingContext:DisableRetry", "false")]));
        Assert.Equal((4, false), Build([.. settings, ($"{Section}:ThingContext:CommandTimeout", "3")], read => read.CommandTimeout = 4));

        static (int?, bool) Build((string, string?)[] settings, Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configure = null)
        {
            var builder = ServiceHost.CreateBuilder(settings);
            builder.AddNpgsqlDbContext<ThingContext>("rwadb", configure);
            using var services = builder.Services.BuildServiceProvider();
            using var scope = services.CreateScope();
            var context = scope.ServiceProvider.GetRequiredService<ThingContext>();
            Assert.Contains("Host=127.0.0.1", context.Database.GetConnectionString());
            return (context.Database.GetCommandTimeout(), context.Database.CreateExecutionStrategy().RetriesOnFailure);
        }
    }

    [Fact]
    public void Context_registered_twice_in_development_is_refused()
    {
        var builder = ServiceHost.CreateBuilder(("ConnectionStrings:rwadb", Nowhere));
        builder.Environment.EnvironmentName = Environments.Development;
        builder.AddNpgsqlDbContext<ThingContext>("rwadb");

        Assert.Throws<InvalidOperationException>(() => builder.AddNpgsqlDbContext<ThingContext>("rwadb"));
    }

    [Fact]
    public async Task Context_registered_twice_in_production_is_checked_once()
    {
        await using var host = await ServiceHost.StartAsync(builder =>
        {
            builder.AddNpgsqlDbContext<ThingContext>("rwadb");
            builder.AddNpgsqlDbContext<ThingContext>("rwadb");
        }, settings: ("ConnectionStrings:rwadb", Nowhere));

        var response = await host.Client.GetAsync("/health");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal("Healthy", await host.Client.GetStringAsync("/alive"));
    }

    [Fact]
    public void Enrich_adds_retries_and_timeout_to_a_plain_registration()
    {
        var builder = ServiceHost.CreateBuilder(($"{Section}:ThingContext:CommandTimeout", "7"));
        builder.Services.AddDbContextPool<ThingContext>(options => options.UseNpgsql(Nowhere));
        builder.EnrichNpgsqlDbContext<ThingContext>();
        using var services = builder.Services.BuildServiceProvider();
        using var scope = services.CreateScope();
        var database = scope.ServiceProvider.GetRequiredService<ThingContext>().Database;

        Assert.Equal((7, true), (database.GetCommandTimeout(), database.CreateExecutionStrategy().RetriesOnFailure));
    }

    [Fact]
    public void Enrich_refuses_what_contradicts_the_registration()
    {
        var builder = ServiceHost.CreateBuilder();
        Assert.Throws<InvalidOperationException>(() => builder.EnrichNpgsqlDbContext<ThingContext>());

        builder.Services.AddDbContextPool<ThingContext>(options => options.UseNpgsql(Nowhere, npgsql => npgsql.CommandTimeout(1)));
        builder.EnrichNpgsqlDbContext<ThingContext>(settings => settings.CommandTimeout = 2);
        using var services = builder.Services.BuildServiceProvider();
        Assert.Throws<InvalidOperationException>(() => Resolve(services));
    }

    private static void Resolve(IServiceProvider services)
    {
        using var scope = services.CreateScope();
        scope.ServiceProvider.GetRequiredService<ThingContext>();
    }
}
