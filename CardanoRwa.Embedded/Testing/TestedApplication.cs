using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>The application as a test holds it; starting and stopping are carried out by the AppHost's own thread.</summary>
internal sealed class TestedApplication(AppHostRun run, DistributedApplication application) : DistributedApplication(application)
{
    public override Task StartAsync(CancellationToken cancellationToken = default) => run.StartAsync(cancellationToken);

    public override Task StopAsync(CancellationToken cancellationToken = default) => run.StopAsync().WaitAsync(cancellationToken);

    public override async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await StartAsync(cancellationToken);
        var stopping = new TaskCompletionSource();
        using var registration = Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(stopping.SetResult);
        await stopping.Task.WaitAsync(cancellationToken);
    }

    public override void Dispose()
    {
        run.DisposeAsync().AsTask().GetAwaiter().GetResult();
        base.Dispose();
    }

    public override async ValueTask DisposeAsync()
    {
        await run.DisposeAsync();
        await base.DisposeAsync();
    }
}
