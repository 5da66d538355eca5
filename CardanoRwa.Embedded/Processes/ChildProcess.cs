using System.ComponentModel;
using System.Diagnostics;
using Aspire.Hosting;

namespace CardanoRwa.Embedded.Processes;

/// <summary>A running child: its lines go to a callback, its end is awaited, and stopping it ends its whole group.</summary>
internal sealed class ChildProcess : IDisposable
{
    // What the AppHost was itself started with; inherited, it would have every child listen on the AppHost's own address.
    private static readonly string[] NotInherited =
    [
        "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "HTTP_PORTS", "HTTPS_PORTS", "URLS",
        "DOTNET_LAUNCH_PROFILE", "ASPIRE_", "RWA_DATA_DIR", "RWA_CACHE_DIR", "RWA_POSTGRES_BIN", "RWA_PUBLISHED", "MSBUILD",
    ];

    private readonly Process _process;
    private readonly ProcessSpec _spec;
    private readonly Task _output;
    private readonly Task<int> _ended;

    private ChildProcess(Process process, ProcessSpec spec, Action<string, bool> onLine)
    {
        _process = process;
        _spec = spec;
        Id = process.Id;
        StartTime = Reaper.StartTimeOf(process.Id);
        _output = Task.WhenAll(PumpAsync(process.StandardOutput, line => onLine(line, false)), PumpAsync(process.StandardError, line => onLine(line, true)));
        _ended = EndAsync();
    }

    public int Id { get; }

    /// <summary>Null where the process had ended before it could be asked.</summary>
    public DateTime? StartTime { get; }

    public bool HasExited => _process.HasExited;

    public static ChildProcess Start(ProcessSpec spec, Action<string, bool> onLine)
    {
        // Looked for here, because with setsid before it a missing program would only be that one's exit code.
        if (!File.Exists(spec.FileName) && ExecutableSearch.OnPath(spec.FileName) is null)
            throw new DistributedApplicationException($"Could not start '{spec.FileName}': there is no such program.");

        // A session of its own, so that Ctrl+C on the terminal reaches the host only and the host stops its children in order.
        List<string> command = [.. ExecutableSearch.OwnSession];
        if (spec.User is { } user)
            command.AddRange(["setpriv", $"--reuid={user.UserId}", $"--regid={user.GroupId}", "--clear-groups"]);
        command.AddRange([spec.FileName, .. spec.Arguments]);

        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        foreach (var name in start.Environment.Keys.Where(n => NotInherited.Any(x => x.EndsWith('_') || x == "MSBUILD"
                     ? n.StartsWith(x, StringComparison.OrdinalIgnoreCase)
                     : n.Equals(x, StringComparison.OrdinalIgnoreCase))).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in spec.Environment)
            start.Environment[name] = value;

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or DirectoryNotFoundException)
        {
            throw new DistributedApplicationException($"Could not start '{spec.FileName}' in {spec.WorkingDirectory}: {e.Message}", e);
        }

        var child = new ChildProcess(process, spec, onLine);
        try
        {
            if (spec.Input is not null)
                process.StandardInput.WriteLine(spec.Input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code and its lines say why.
        }

        return child;
    }

    /// <summary>Waits for the end, and for the last lines where nobody else keeps the pipe open.</summary>
    public Task<int> WaitForExitAsync(CancellationToken cancellationToken = default) => _ended.WaitAsync(cancellationToken);

    public async Task StopAsync()
    {
        if (!OperatingSystem.IsWindows())
        {
            Unix.Signal(Id, _spec.StopSignal);
            if (await EndedWithinAsync(_spec.StopTimeout))
                return;
            Unix.Signal(Id, _spec.UrgentSignal);
            if (await EndedWithinAsync(TimeSpan.FromSeconds(1)))
                return;
        }

        Kill();
        await EndedWithinAsync(TimeSpan.FromSeconds(1));
    }

    public void Kill()
    {
        if (!OperatingSystem.IsWindows())
            Unix.Signal(Id, Unix.SigKill);
        else if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    public void Dispose() => _process.Dispose();

    private static async Task PumpAsync(StreamReader reader, Action<string> onLine)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
                onLine(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe went with the process.
        }
    }

    // Once for all who wait: who watches the process disposes of it at its end, while who stopped it may still be asking.
    private async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromMilliseconds(250)));
        return _process.ExitCode;
    }

    private async Task<bool> EndedWithinAsync(TimeSpan time)
    {
        using var timeout = new CancellationTokenSource(time);
        try
        {
            await WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return _ended.IsCompleted;
        }
    }
}
