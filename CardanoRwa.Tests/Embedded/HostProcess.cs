using System.Collections.Concurrent;
using System.Diagnostics;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Tests.Embedded;

/// <summary>The real AppHost as a process of its own, with a data folder and free ports.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private HostProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => _lines.Enqueue(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => _lines.Enqueue(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => string.Join('\n', _lines);

    public static HostProcess Start(string dataFolder, params string[] args)
    {
        // What "dotnet run" would do: the project's folder to work in, and the launch profile's environment.
        var appHost = typeof(Projects.CardanoRwa_AppHost).Assembly.Location;
        // A job in a script's background ignores Ctrl+C, and so would all it starts; a terminal's does not.
        string[] command = [.. OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : Array.Empty<string>(), ExecutableSearch.Dotnet, "exec", appHost, "--DcpPublisher:RandomizePorts=true", .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Projects.CardanoRwa_AppHost.ProjectPath,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RWA_DATA_DIR"] = dataFolder;
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        return new HostProcess(Process.Start(start)!);
    }

    public async Task<HostProcess> SaysAsync(string text)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!_lines.Any(l => l.Contains(text, StringComparison.Ordinal)))
        {
            Assert.False(_process.HasExited && timeout.IsCancellationRequested, Output);
            Assert.False(_process.HasExited, $"The host ended before it said '{text}':\n{Output}");
            await Task.Delay(20, timeout.Token);
        }

        return this;
    }

    public void Signal(int signal) => Unix.Signal(Id, signal);

    public void Kill() => _process.Kill();

    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!_process.HasExited)
        {
            Assert.False(timeout.IsCancellationRequested, $"The host did not end within a minute:\n{Output}");
            await Task.Delay(20, CancellationToken.None);
        }

        // Its last lines, but not for ever: a child that wrongly outlives it, with the pipe in hand, is looked for by name.
        await Task.WhenAny(_process.WaitForExitAsync(CancellationToken.None), Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal(Unix.SigTerm);
            await ExitAsync();
        }

        _process.Dispose();
    }
}
