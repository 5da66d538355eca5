using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CardanoRwa.Core.Minting.Processing;

namespace CardanoRwa.Tests.Minting;

/// <summary>A minting worker of its own, started again whenever it dies, as a host would.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private const int KilledCode = 128 + 9;
    private readonly Dictionary<string, string> _environment;
    private readonly StringBuilder _output = new();
    private readonly CancellationTokenSource _stopping = new();
    private Process _process;
    private readonly Task _keeping;

    public WorkerProcess(Dictionary<string, string> environment, string? crashAt)
    {
        _environment = environment;
        _process = Start(crashAt);
        _keeping = KeepAsync();
    }

    public int Deaths { get; private set; }

    /// <summary>Ends that were no kill -9: the worker gave up by itself, which it never may.</summary>
    public int Failures { get; private set; }

    public long ResidentMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 >> 20;
        }
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>A series without labels, as its /metrics says it now.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var address = Regex.Matches(Output, "listening on: (http\\S+)").Last().Groups[1].Value;
        using var client = new HttpClient();
        var text = await client.GetStringAsync(new Uri($"{address}/metrics"));
        return double.Parse(Regex.Match(text, $@"^{name}(?:\{{[^}}]*\}})? (\S+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>kill -9; it is started again.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _process.Kill();
        await _keeping;
        _process.Dispose();
        _stopping.Dispose();
    }

    private async Task KeepAsync()
    {
        while (true)
        {
            await _process.WaitForExitAsync();
            if (_stopping.IsCancellationRequested)
            {
                return;
            }
            Failures += _process.ExitCode == KilledCode ? 0 : 1;
            Deaths++;
            var next = Start(null);
            _process.Dispose();
            _process = next;
            if (_stopping.IsCancellationRequested)
            {
                next.Kill();
            }
        }
    }

    private Process Start(string? crashAt)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "CardanoRwa.Worker.dll")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        if (crashAt is not null)
        {
            start.Environment[CrashPoint.Variable] = crashAt;
        }
        var process = Process.Start(start)!;
        process.OutputDataReceived += Heard;
        process.ErrorDataReceived += Heard;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Heard(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}

/// <summary>Several of them, as replicas.</summary>
internal sealed class WorkerProcesses(WorkerProcess[] all) : IAsyncDisposable
{
    public WorkerProcess[] All => all;

    /// <summary>Waits for the first death, such as the one they were told to die.</summary>
    public async Task<bool> OneDiesAsync(TimeSpan patience)
    {
        for (var waited = Stopwatch.StartNew(); all.All(w => w.Deaths == 0) && waited.Elapsed < patience;)
        {
            await Task.Delay(20);
        }
        return all.Any(w => w.Deaths > 0);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in all)
        {
            await worker.DisposeAsync();
        }
    }
}
