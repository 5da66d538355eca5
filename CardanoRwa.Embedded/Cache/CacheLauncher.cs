using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;
using CardanoRwa.Embedded.Running;

namespace CardanoRwa.Embedded.Cache;

internal sealed class CacheLauncher(RedisResource redis) : Launcher
{
    public override async Task<ProcessSpec> PrepareAsync(Replica replica, CancellationToken cancellationToken)
    {
        var port = replica.Ports[RedisResource.PrimaryEndpointName].ToString(CultureInfo.InvariantCulture);

        // Sized for a developer's machine; the defaults would reserve 128 MB for an index alone.
        string[] options =
        [
            "--bind", "127.0.0.1,::1", "--port", port, "--lua", "true", "--memory", "256m", "--index", "16m",
            "-q", "--logger-level", "Warning",
        ];
        return new ProcessSpec(ExecutableSearch.Dotnet, ["exec", typeof(CacheServer).Assembly.Location, CacheServer.Verb, .. options])
        {
            Input = redis.PasswordParameter is { } password ? await password.GetValueAsync(cancellationToken) : "",
        };
    }
}
