using System.Diagnostics;
using System.Globalization;

namespace CardanoRwa.Embedded.Processes;

/// <summary>
/// A small process that ends the children of a host that was killed. It knows them from a pipe; when the pipe breaks, the host is
/// gone. Linux' parent-death signal would not do: it fires at the end of the thread that started the child, and pools end threads.
/// </summary>
internal sealed class Reaper : IAsyncDisposable
{
    public const string Verb = "reaper";
    private const string AllDone = "done";

    private readonly Process _process;

    private Reaper(Process process) => _process = process;

    public int Id => _process.Id;

    public static Reaper Start()
    {
        // Out of the terminal's session, or closing the window would end the reaper together with the host.
        string[] command = [.. ExecutableSearch.OwnSession, ExecutableSearch.Dotnet, "exec", typeof(Reaper).Assembly.Location, Verb];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };

        return new Reaper(Process.Start(start)!);
    }

    public void Watch(ChildProcess child, int signal) => Say($"+ {child.Id} {signal}");

    public void Forget(int pid) => Say($"- {pid}");

    /// <summary>Has a folder deleted once the host and its children are gone.</summary>
    public void DeleteAtTheEnd(string folder) => Say($"delete {folder}");

    public async ValueTask DisposeAsync()
    {
        Say(AllDone);
        _process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>The other side: what runs in the reaper's own process.</summary>
    public static async Task<int> RunAsync(TextReader orders)
    {
        var folders = new List<string>();
        var watched = new Dictionary<int, (DateTime StartTime, int Signal)>();
        while (await orders.ReadLineAsync() is { } order)
        {
            switch (order.Split(' '))
            {
                case ["+", var id, var signal] when StartTimeOf(Number(id)) is { } started: watched[Number(id)] = (started, Number(signal)); break;
                case ["-", var id]: watched.Remove(Number(id)); break;
                case ["delete", .. var folder]: folders.Add(string.Join(' ', folder)); break;
                case [AllDone]: return 0;
            }
        }

        // A number may since have gone to another process; only the same start time makes it ours.
        var ours = watched.Where(w => StartTimeOf(w.Key) == w.Value.StartTime).ToList();
        foreach (var (pid, (_, signal)) in ours)
            End(pid, signal);
        for (var i = 0; i < 20 && ours.Any(w => StartTimeOf(w.Key) == w.Value.StartTime); i++)
            await Task.Delay(100);
        foreach (var (pid, _) in ours.Where(w => StartTimeOf(w.Key) == w.Value.StartTime))
            End(pid, Unix.SigKill);
        foreach (var folder in folders.Where(Directory.Exists))
            Directory.Delete(folder, recursive: true);
        return 0;
    }

    public static void End(int pid, int signal)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Process.GetProcessById(pid).Kill(entireProcessTree: true);
            else
                Unix.Signal(pid, signal);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself.
        }
    }

    /// <summary>When a process was started, null if it has ended (on Linux also if nobody has taken notice of its end yet).</summary>
    public static DateTime? StartTimeOf(int pid)
    {
        try
        {
            // "1234 (dotnet) Z ...": the name may itself hold blanks and parentheses.
            if (OperatingSystem.IsLinux() && File.ReadAllText($"/proc/{pid}/stat") is var stat && stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X')
                return null;
            using var process = Process.GetProcessById(pid);
            return process.HasExited ? null : process.StartTime;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception or IOException)
        {
            return null;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private void Say(string line)
    {
        try
        {
            lock (_process)
            {
                _process.StandardInput.WriteLine(line);
                _process.StandardInput.Flush();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Without its reaper the host still stops its children itself; only its own sudden death would leave them.
        }
    }
}
