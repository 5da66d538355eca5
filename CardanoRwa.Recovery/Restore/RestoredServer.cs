using System.Diagnostics;
using CardanoRwa.Recovery.Base;

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
    /// <param name="promotesAt">
    /// Where it will stop: told at once to take writes there, it does so as a standby does and leaves the checkpoint for afterwards. Without a target, or where no
    /// sessions could read it meanwhile, it ends with the checkpoint.
    /// </param>
    public async Task<string?> StartAsync(int port, IEnumerable<string> settings, RecoveryProgress progress, CancellationToken cancellationToken, bool asStandby = false, RestoreTarget? promotesAt = null)
    {
        progress.Phase = "replaying";
        var promotes = promotesAt is not (null or RestoreTarget.Latest);
        // Where it pauses, it looks whether it was told to be promoted.
        string[] all = [$"port={port}", $"hot_standby={(asStandby || promotes ? "on" : "off")}", .. promotes ? ["recovery_target_action=pause"] : Array.Empty<string>(), .. settings];
        // pg_ctl hands them to a shell.
        var options = string.Join(' ', all.Select(s => OperatingSystem.IsWindows() ? $"-c {s}" : $"-c '{s.Replace("'", @"'\''", StringComparison.Ordinal)}'"));
        var (code, output) = await ControlAsync(["start", "-W", "-D", directory, "-l", Log, "-o", options], cancellationToken);
        if (code != 0)
        {
            return output + await TailAsync(cancellationToken);
        }
        try
        {
            return await WaitAsync(asStandby, promotes, cancellationToken) ? null : await TailAsync(cancellationToken);
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

    private async Task<bool> WaitAsync(bool asStandby, bool promotes, CancellationToken cancellationToken)
    {
        var pidFile = Path.Combine(directory, "postmaster.pid");
        var (sawPid, isTold, began) = (false, false, clock.GetTimestamp());
        while (true)
        {
            // Its eighth line is the state: starting, ready ...
            var lines = await ReadAsync(pidFile, cancellationToken);
            sawPid |= lines.Length > 0;
            if (lines.Length >= 8 && (lines[7].StartsWith("ready", StringComparison.Ordinal) || (asStandby && lines[7].StartsWith("standby", StringComparison.Ordinal))))
            {
                // With a hot standby it is 'ready' to be read.
                if (!promotes || ControlFile.IsInProduction(await File.ReadAllBytesAsync(Path.Combine(directory, ControlFile.Path), cancellationToken)))
                {
                    return true;
                }
                isTold = isTold || (await ControlAsync(["promote", "-W", "-D", directory], cancellationToken)).Code == 0;
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
