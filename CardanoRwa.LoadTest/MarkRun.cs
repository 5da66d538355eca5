using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace CardanoRwa.LoadTest;

/// <summary>The campaign that the marks are held against: cached reads beside the bare constant server, all else beside raw Npgsql, in interleaved rounds.</summary>
internal sealed class MarkRun(Target api, Registry registry, int rounds, int seconds, int users)
{
    public const int Samples = 300_000;

    // What a process does is compiled in three steps, and under load the last comes after a quarter of a minute.
    private const double WarmSeconds = 20;
    public static readonly IReadOnlyList<string> Parts = ["cached", "uncached", "create", "pages", "memory"];

    private static readonly JsonObject NewAsset = new() { ["name"] = "Performance test asset {n}", ["kind"] = "load-test", ["value"] = 1_000_000, ["jurisdiction"] = "US-WA" };
    private readonly List<Mark> _marks = [];
    private string? _commit;
    private long _assets;

    public static string Machine => $"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}, load generator and Postgres on the same machine";

    public async Task<IReadOnlyList<Mark>> RunAsync(IReadOnlyCollection<string> parts, CancellationToken cancellationToken)
    {
        (_commit, _assets) = (await CommonOptions.CommitAsync(cancellationToken), await registry.CountAsync(cancellationToken));
        // In order of magnitude: a campaign that creates some on its way is still one on as many.
        _assets = (long)Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, _assets))));
        foreach (var (part, measure) in new (string, Func<CancellationToken, Task>)[] { ("cached", CachedAsync), ("uncached", UncachedAsync), ("pages", PagesAsync), ("create", CreateAsync), ("memory", MemoryAsync) })
        {
            if (parts.Contains(part))
            {
                await measure(cancellationToken);
            }
        }
        return _marks;
    }

    private async Task CachedAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConstantServer.StartAsync(cancellationToken);
        var constant = await Contender.PrepareAsync(new Target(server.Address, null, null), new RequestModel("GET", "/", 200), cancellationToken);
        await CompareAsync(1, "cached single read", "bare constant", 0.70, constant, await Contender.PrepareAsync(api, new RequestModel("GET", "/api/v1/assets/{asset}", 200), cancellationToken), cancellationToken);
        await CompareAsync(2, "cached first page", "bare constant", 0.70, constant, await Contender.PrepareAsync(api, new RequestModel("GET", "/api/v1/assets?limit=20", 200), cancellationToken), cancellationToken);
    }

    private async Task UncachedAsync(CancellationToken cancellationToken)
    {
        await using var server = await ChildServer.StartAsync("serve-raw", cancellationToken);
        var raw = new Target(server.Address, null, null);
        var rows = await registry.SampleAsync(Samples, cancellationToken);
        List<string> ids = [.. rows.Select(r => r.Id.ToString())];
        await CompareAsync(3, "uncached single read", "raw Npgsql", 0.90, Of(raw, "/row/{asset}", ids), Of(api, "/api/v1/assets/{asset}", ids), cancellationToken);

        List<string> cursors = [], places = [];
        foreach (var row in rows)
        {
            cursors.Add(await registry.CursorAsync(row, cancellationToken));
            places.Add(string.Create(CultureInfo.InvariantCulture, $"before={row.CreatedAt.Ticks}&id={row.Id}"));
        }
        await CompareAsync(4, "uncached list", "raw Npgsql", 0.90, Of(raw, "/list?{cursor}", places), Of(api, "/api/v1/assets?limit=20&cursor={cursor}", cursors), cancellationToken);
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        await using var server = await ChildServer.StartAsync("serve-raw", cancellationToken);
        var raw = await Contender.PrepareAsync(new Target(server.Address, null, null), new RequestModel("POST", "/insert", 201, NewAsset), cancellationToken);
        var create = await Contender.PrepareAsync(api, new RequestModel("POST", "/api/v1/assets", 201, NewAsset), cancellationToken);
        var comparison = await CompareAsync(5, "create", "raw insert", 1.0, raw, create, cancellationToken);

        var saturation = Comparison.Median([.. comparison.Rounds.Select(r => r[1])]);
        var rate = Math.Round(saturation * 0.8);
        var profile = new Profile(["it"], users, Math.Max(10, seconds * 4), rate, WarmUpSeconds: 3);
        var latency = Percentiles.Of((await create.RunAsync(profile, cancellationToken)).Meters.Single().Latency);
        // Both wait for the same disk. Where the least there can be is as late at this rate, it is the disk that is late.
        var beside = Percentiles.Of((await raw.RunAsync(profile, cancellationToken)).Meters.Single().Latency);
        Add(6, "create, p99 at 80 % of saturation", null, latency.P99, "ms", 25, atLeast: false, string.Create(
            CultureInfo.InvariantCulture, $"{rate:0} a second: p50 {latency.P50:0.0}, p95 {latency.P95:0.0}, p99.9 {latency.P999:0.0} ms; raw insert at that rate: p50 {beside.P50:0.0}, p99 {beside.P99:0.0} ms"));
    }

    /// <summary>One client, far from all it could ask, so that a latency is that of the query and not of a queue; each page is asked for once.</summary>
    private async Task PagesAsync(CancellationToken cancellationToken)
    {
        const int RatePerSecond = 100, WarmUpSeconds = 1;
        double? first = null;
        foreach (var (depth, page) in new[] { 2L, 10, 100, 1_000, 10_000, 100_000 }.Index())
        {
            var ends = await registry.PageEndsAsync(page - 1, 900, cancellationToken);
            if (ends.Count < 400)
            {
                break; // the registry ends before
            }
            List<string> cursors = [];
            foreach (var end in ends)
            {
                cursors.Add(await registry.CursorAsync(end, cancellationToken));
            }
            // 20, 020, 0020: what a lesser depth asked for is in memory, but under its own question.
            var contender = Of(api, $"/api/v1/assets?limit={20.ToString($"D{2 + depth}", CultureInfo.InvariantCulture)}&cursor={{cursor}}", cursors);
            var run = await contender.RunAsync(new Profile(["it"], 1, (cursors.Count / RatePerSecond) - WarmUpSeconds, RatePerSecond, WarmUpSeconds: WarmUpSeconds), cancellationToken);
            var latency = Percentiles.Of(run.Meters.Single().Latency);
            first ??= latency.P50;
            Add(10, string.Create(CultureInfo.InvariantCulture, $"list from page {page:N0}, p50"), page == 2 ? null : "page 2", latency.P50, "ms", Math.Round(Math.Max(first.Value * 1.25, first.Value + 0.2), 3), atLeast: false, string.Create(CultureInfo.InvariantCulture, $"p95 {latency.P95:0.00} ms"));
        }
    }

    private async Task MemoryAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = api.Address };
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        var line = metrics.Split('\n').FirstOrDefault(l => l.StartsWith("dotnet_process_memory_working_set", StringComparison.Ordinal)) ?? throw new InvalidDataException($"{api.Address}metrics tells no working set.");
        var megabytes = double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) / 1_000_000;
        Add(20, "resident memory after all that", null, Math.Round(megabytes, 1), "MB", _assets > 100_000 ? 512 : 256, atLeast: false, null);
    }

    private static Contender Of(Target target, string path, IReadOnlyList<string> values)
    {
        var name = path.Contains("{asset}", StringComparison.Ordinal) ? Content.Asset : Content.Cursor;
        var content = Content.Empty() with { Values = new Dictionary<string, IReadOnlyList<string>> { [name] = values } };
        return new Contender(target, RequestBytes.Create("it", new RequestModel("GET", path, 200), target, content));
    }

    private async Task<Comparison> CompareAsync(int order, string name, string beside, double mark, Contender a, Contender b, CancellationToken cancellationToken)
    {
        var result = await new Rounds(a, b, users, seconds, WarmSeconds).RunAsync(rounds, (round, x, y) => AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{name}, round {round}: {beside} {x:0}, Api {y:0} a second, {y / x:0.000}"), cancellationToken);
        var note = string.Create(CultureInfo.InvariantCulture, $"{Comparison.Median([.. result.Rounds.Select(r => r[1])]):0} a second beside {Comparison.Median([.. result.Rounds.Select(r => r[0])]):0}");
        _marks.Add(new Mark(order, name, beside, _assets, result.Ratio, "", mark, true, _commit, TimeProvider.System.GetUtcNow(), note, result));
        return result;
    }

    private void Add(int order, string name, string? beside, double value, string unit, double limit, bool atLeast, string? note) =>
        _marks.Add(new Mark(order, name, beside, _assets, value, unit, limit, atLeast, _commit, TimeProvider.System.GetUtcNow(), note));
}
