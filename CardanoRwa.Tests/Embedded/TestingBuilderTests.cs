using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using CardanoRwa.Embedded;

namespace CardanoRwa.Tests.Embedded;

public sealed class TestingBuilderTests
{
    [Fact]
    public async Task Application_that_is_built_and_not_started_runs_nothing()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.CardanoRwa_AppHost>();
        await using var app = await builder.BuildAsync();

        await Task.Delay(200);

        Assert.Empty(app.GetProcessIds("postgres"));
        Assert.False(Directory.Exists(app.GetDataFolder()));
        Assert.Throws<InvalidOperationException>(() => app.GetEndpoint("api"));
    }

    [Fact]
    public async Task Builder_that_is_never_built_can_be_disposed()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.CardanoRwa_AppHost>();

        await builder.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Launch_profile_of_the_apphost_is_in_force()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.CardanoRwa_AppHost>();

        Assert.Equal("Development", builder.Environment.EnvironmentName);
        Assert.EndsWith("CardanoRwa.AppHost", builder.AppHostDirectory, StringComparison.Ordinal);
        Assert.Equal("CardanoRwa.AppHost", builder.AppHostAssembly?.GetName().Name);
    }

    [Fact]
    public async Task Arguments_reach_the_apphost()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.CardanoRwa_AppHost>(["--publisher", "manifest", "--output-path", "x"]);

        Assert.True(builder.ExecutionContext.IsPublishMode);
        Assert.DoesNotContain(builder.Resources, r => r.Name == "migrations");
    }

    [Fact]
    public async Task Start_that_fails_half_way_leaves_nothing_behind()
    {
        var marker = $"{Random.Shared.Next(100_000, 999_999)}.25";
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddExecutable("service", "sleep", ".", marker);
        builder.Eventing.Subscribe<AfterResourcesCreatedEvent>(async (_, token) =>
        {
            while (Processes.WithArgument(marker).Count == 0)
                await Task.Delay(20, token);
            throw new DistributedApplicationException("on purpose");
        });
        var app = await builder.BuildAsync();
        var folder = app.GetDataFolder();

        await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync());
        await app.DisposeAsync();

        Assert.Empty(Processes.WithArgument(marker));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Stop_leaves_no_process_of_the_run()
    {
        var app = await Graph.StartAsync(b =>
        {
            b.AddRedis("cache");
            b.AddPostgres("db");
        });
        await app.HealthyAsync("cache");
        await app.HealthyAsync("db");
        int[] ids = [.. app.GetProcessIds("cache"), .. app.GetProcessIds("db")];
        Assert.Equal(2, ids.Length);

        await app.StopAsync();

        Assert.DoesNotContain(ids, Processes.IsRunning);
        await app.DisposeAsync();
    }

    [Fact]
    public async Task Wait_for_a_resource_that_is_not_there_says_so()
    {
        await using var app = await Graph.StartAsync(b => b.AddShell("one", "exec sleep 100"));

        var fault = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("two"));

        Assert.Contains("'two'", fault.Message, StringComparison.Ordinal);
    }
}
