using System.Diagnostics;

namespace CardanoRwa.Recovery.Restore;

/// <summary>Starts a server on what was restored, and waits until it has replayed and takes writes.</summary>
public sealed class RestoredServer(PostgresPrograms programs, string directory, TimeProvider clock)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    public string Log => $"{directory.TrimEnd(Path.DirectorySeparatorChar)}.log";

    /// <summary>Null once it is ready; it runs on when this program ends. Else what it wrote last.</summary>
    /// <param name="port">To listen on.</param>
    /// <param name="settings">Further settings, as name=value.</param>
    /// <param name="progress">Told that it replays.</param>
    /// <param name="cancellationToken">Stops the waiting and the server.</param>
    /// <param name="asStandby">Ready is already when it can be read while it replays.</param>
    public async Task<string?> StartAsync(int port, IEnumerable<string> settings, RecoveryProgress progress, CancellationToken cancellationToken, bool asStandby = false)
    {
        progress.Phase = "replaying";
        // Without a hot standby it is 'ready' only when the replay has ended.
        string[] all = [$"port={port}", $"hot_standby={(asStandby ? "on" : "off")}", .. settings];
        // pg_ctl hands them to a shell.
        var options = string.Join(' ', all.Select(s => OperatingSystem.IsWindows() ? $"-c {s}" : $"-c '{s.Replace("'", @"'\''", StringComparison.Ordinal)}'"));
        var (code, output) = await ControlAsync(["start", "-W", "-D", directory, "-l", Log, "-o", options], cancellationToken);
        if (code != 0)
        {
            return output + await TailAsync(cancellationToken);
        }
        try
        {
            return await WaitAsync(asStandby, cancellationToken) ? null : await TailAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(CancellationToken.None);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await ControlAsync(["stop", "-m", "fast", "-w", "-D", directory], cancellationToken);

    /// <summary>As a crash would, for a server whose directory is to go.</summary>
    public async Task AbortAsync(CancellationToken cancellationToken) => await ControlAsync(["stop", "-m", "immediate", "-w", "-D", directory], cancellationToken);

    private async Task<bool> WaitAsync(bool asStandby, CancellationToken cancellationToken)
    {
        var pidFile = Path.Combine(directory, "postmaster.pid");
        var (sawPid, began) = (false, clock.GetTimestamp());
        while (true)
        {
            // Its eighth line is the state: starting, ready ...
            var lines = await ReadAsync(pidFile, cancellationToken);
            sawPid |= lines.Length > 0;
            if (lines.Length >= 8 && (lines[7].StartsWith("ready", StringComparison.Ordinal) || (asStandby && lines[7].StartsWith("standby", StringComparison.Ordinal))))
            {
                return true;
            }
            if (lines.Length == 0 && (sawPid || clock.GetElapsedTime(began) > TimeSpan.FromSeconds(10)))
            {
                return false;
            }
            await Task.Delay(Period, clock, cancellationToken);
        }
    }

    private static async Task<string[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllLinesAsync(path, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    internal async Task<string> TailAsync(CancellationToken cancellationToken) =>
        File.Exists(Log) ? string.Join('\n', (await File.ReadAllLinesAsync(Log, cancellationToken)).TakeLast(12)) : "";

    private async Task<(int Code, string Output)> ControlAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var command = Unix.AsOwner(directory, [programs.Program("pg_ctl"), .. arguments]);
        if (Unix.OwnerToKeep(directory) is { } owner)
        {
            if (!File.Exists(Log))
            {
                await File.WriteAllTextAsync(Log, "", cancellationToken);
            }
            Unix.GiveTo(owner, Log);
        }
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = directory };
        using var process = Process.Start(start)!;
        // Not to its end: the server that it leaves running holds the pipes.
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, process.ExitCode == 0 ? "" : await process.StandardError.ReadToEndAsync(cancellationToken));
    }
}
