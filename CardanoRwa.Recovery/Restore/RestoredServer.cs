using System.Diagnostics;
using CardanoRwa.Recovery.Base;

namespace CardanoRwa.Recovery.Restore;

/// <summary>Starts a server on what was restored, and waits until it has replayed and takes writes.</summary>
public sealed class RestoredServer(PostgresPrograms programs, string directory, TimeProvider clock)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan LogPeriod = TimeSpan.FromMilliseconds(100);

    private const string AtTarget = "pausing at the end of recovery";

    // It waits for ever then, or ends if nobody could read it yet.
    private const string TooSmall = "insufficient parameter settings";

    public string Log => $"{directory.TrimEnd(Path.DirectorySeparatorChar)}.log";

    /// <summary>Null once it is ready; it runs on when this program ends. Else what it wrote last.</summary>
    /// <param name="port">To listen on.</param>
    /// <param name="settings">Further settings, as name=value.</param>
    /// <param name="progress">Told that it replays.</param>
    /// <param name="cancellationToken">Stops the waiting and the server.</param>
    /// <param name="asStandby">Ready is already when it can be read while it replays.</param>
    public Task<string?> StartAsync(int port, IEnumerable<string> settings, RecoveryProgress progress, CancellationToken cancellationToken, bool asStandby = false) =>
        StartAsync([$"port={port}", $"hot_standby={(asStandby ? "on" : "off")}", .. settings], asStandby, fed: null, progress, cancellationToken);

    /// <summary>
    /// The same for a server that finds a <see cref="ReplayFeed.SignalFile"/>: it is told to take writes once all WAL is in place, does so as a standby does, and leaves the
    /// checkpoint for afterwards. One that cannot be read before, since its max_connections or the like is smaller than its source's later was, ends with the checkpoint.
    /// </summary>
    /// <param name="port">To listen on.</param>
    /// <param name="hasTarget">It stops before the end of the WAL.</param>
    /// <param name="feeding">Ends when all WAL is in place and on disk.</param>
    /// <param name="reached">Called when it is at its target: no more WAL is needed.</param>
    /// <param name="progress">Told that it replays.</param>
    /// <param name="cancellationToken">Stops the waiting and the server.</param>
    internal async Task<string?> StartFedAsync(int port, bool hasTarget, Task feeding, Action reached, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        string[] all =
        [
            $"port={port}",
            // How soon it looks for more where there was none.
            "wal_retrieve_retry_interval=100",
            // What it does is told by its log alone.
            "lc_messages=C", "logging_collector=off", "log_destination=stderr", "log_min_messages=warning",
        ];
        // Only where it pauses does it look whether it was told, and only one that can be read pauses.
        string[] pausing = hasTarget ? ["hot_standby=on", "recovery_target_action=pause"] : ["hot_standby=off"];
        var fed = new Fed(feeding, reached);
        var fault = await StartAsync([.. all, .. pausing], asStandby: hasTarget, fed, progress, cancellationToken);
        if (fault is null || !hasTarget || !fault.Contains(TooSmall, StringComparison.Ordinal))
        {
            return fault;
        }
        await StopAsync(cancellationToken);
        return await StartAsync([.. all, "hot_standby=off"], asStandby: false, fed, progress, cancellationToken);
    }

    private sealed record Fed(Task Feeding, Action Reached);

    private async Task<string?> StartAsync(string[] settings, bool asStandby, Fed? fed, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "replaying";
        var log = new LogReader(Log);
        // pg_ctl hands them to a shell.
        var options = string.Join(' ', settings.Select(s => OperatingSystem.IsWindows() ? $"-c {s}" : $"-c '{s.Replace("'", @"'\''", StringComparison.Ordinal)}'"));
        var (code, output) = await ControlAsync(["start", "-W", "-D", directory, "-l", Log, "-o", options], cancellationToken);
        if (code != 0)
        {
            return output + await TailAsync(cancellationToken);
        }
        try
        {
            return await WaitAsync(asStandby, fed, log, cancellationToken) ? null : await TailAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(CancellationToken.None);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await ControlAsync(["stop", "-m", "fast", "-w", "-D", directory], cancellationToken);

    /// <summary>Stops a server that an earlier program left running; a number in its file that belongs to another process by now is left alone.</summary>
    internal async Task StopIfRunningAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || Unix.ServerOf(directory) is not null)
        {
            await StopAsync(cancellationToken);
        }
    }

    /// <summary>As a crash would, for a server whose directory is to go.</summary>
    public async Task AbortAsync(CancellationToken cancellationToken) => await ControlAsync(["stop", "-m", "immediate", "-w", "-D", directory], cancellationToken);

    private async Task<bool> WaitAsync(bool asStandby, Fed? fed, LogReader log, CancellationToken cancellationToken)
    {
        var pidFile = Path.Combine(directory, "postmaster.pid");
        var (sawPid, isTold, began, looked) = (false, false, clock.GetTimestamp(), clock.GetTimestamp());
        while (true)
        {
            // Its eighth line is the state: starting, ready ...
            var lines = await ReadAsync(pidFile, cancellationToken);
            sawPid |= lines.Length > 0;
            var state = lines.Length >= 8 ? lines[7] : "";
            // A standby that can be read is 'ready' too.
            var isReady = state.StartsWith("ready", StringComparison.Ordinal);
            if (fed is null ? isReady || (asStandby && state.StartsWith("standby", StringComparison.Ordinal)) : isReady && await IsInProductionAsync(cancellationToken))
            {
                return true;
            }
            if (lines.Length == 0 && (sawPid || clock.GetElapsedTime(began) > TimeSpan.FromSeconds(10)))
            {
                return false;
            }
            if (fed is not null && asStandby && clock.GetElapsedTime(looked) > LogPeriod)
            {
                looked = clock.GetTimestamp();
                var said = await log.NextAsync(cancellationToken);
                if (said.Contains(TooSmall, StringComparison.Ordinal))
                {
                    return false;
                }
                if (said.Contains(AtTarget, StringComparison.Ordinal))
                {
                    fed.Reached();
                }
            }
            isTold = isTold || (fed is { Feeding.IsCompletedSuccessfully: true } && (isReady || !asStandby) && (await ControlAsync(["promote", "-W", "-D", directory], cancellationToken)).Code == 0);
            await Task.Delay(Period, clock, cancellationToken);
        }
    }

    private async Task<bool> IsInProductionAsync(CancellationToken cancellationToken) =>
        ControlFile.IsInProduction(await File.ReadAllBytesAsync(Path.Combine(directory, ControlFile.Path), cancellationToken));

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

    /// <summary>What the server writes from now on, whole lines at a time.</summary>
    private sealed class LogReader(string path)
    {
        private long _position = File.Exists(path) ? new FileInfo(path).Length : 0;

        public async Task<string> NextAsync(CancellationToken cancellationToken)
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
            var bytes = new byte[RandomAccess.GetLength(file) - _position];
            var count = await RandomAccess.ReadAsync(file, bytes, _position, cancellationToken);
            var whole = bytes.AsSpan(0, count).LastIndexOf((byte)'\n') + 1;
            _position += whole;
            return System.Text.Encoding.UTF8.GetString(bytes.AsSpan(0, whole));
        }
    }
}
