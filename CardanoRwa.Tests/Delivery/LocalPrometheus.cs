using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace CardanoRwa.Tests.Delivery;

/// <summary>A Prometheus of the test's own, with the rules of the repository.</summary>
internal sealed class LocalPrometheus : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Process _process;
    private readonly Task<string[]> _output;
    private readonly HttpClient _client;

    private LocalPrometheus(string folder, Process process, int port)
    {
        (_folder, _process) = (folder, process);
        _output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
    }

    public static LocalPrometheus Start(params (string Job, Uri Address)[] targets)
    {
        var folder = Directory.CreateTempSubdirectory("rwa-prometheus-").FullName;
        var jobs = string.Concat(targets.GroupBy(t => t.Job).Select(job => $"""
              - job_name: {job.Key}
                static_configs: [{"{"} targets: [{string.Join(", ", job.Select(t => $"\"{t.Address.Authority}\""))}] {"}"}]

            """));
        File.WriteAllText(Path.Combine(folder, "prometheus.yml"), $"""
            global: {"{"} scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s {"}"}
            rule_files: [rules.yml]
            scrape_configs:
            {jobs}
            """);
        // Groups with an interval of their own would let a test wait for minutes.
        File.WriteAllLines(Path.Combine(folder, "rules.yml"), Watched.Rules.Split('\n').Where(line => !line.StartsWith("    interval:", StringComparison.Ordinal)));
        var port = FreePort();
        return new LocalPrometheus(folder, Tool.Start("prometheus", Tool.Promtool, folder, "--config.file=prometheus.yml", $"--storage.tsdb.path={folder}/data",
            string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}")), port);
    }

    /// <summary>How many series answer; a query that Prometheus refuses throws.</summary>
    public async Task<int> CountAsync(string query)
    {
        using var response = await _client.GetAsync(new Uri($"api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{query}: {text}");
        return JsonElement.Parse(text).GetProperty("data").GetProperty("result").GetArrayLength();
    }

    public async Task<IReadOnlySet<string>> NamesAsync()
    {
        var answer = JsonElement.Parse(await _client.GetStringAsync(new Uri("api/v1/label/__name__/values", UriKind.Relative)));
        return answer.GetProperty("data").EnumerateArray().Select(name => name.GetString()!).ToHashSet();
    }

    /// <summary>Asks again until the answer has data or patience ends.</summary>
    public async Task<bool> HasDataAsync(string query, TimeSpan patience)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(250))
        {
            if (_process.HasExited)
            {
                Assert.Fail($"Prometheus ended: {string.Concat(await _output)}");
            }
            try
            {
                if (await CountAsync(query) > 0)
                {
                    return true;
                }
            }
            catch (HttpRequestException) when (waited.Elapsed < patience)
            {
                // It does not listen yet.
            }
            if (waited.Elapsed >= patience)
            {
                return false;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        await _output;
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
