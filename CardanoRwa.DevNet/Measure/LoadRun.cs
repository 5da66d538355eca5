using System.Diagnostics;
using System.Globalization;
using CardanoRwa.DevNet.Chain;

namespace CardanoRwa.DevNet.Measure;

/// <summary>
/// Mints as fast as the chain accepts, over HTTP and from the same machine, and prints what came of it. Every wallet chains its
/// transactions and mints the same token again, so that what the chain must remember stays the same and only leaks would grow.
/// </summary>
internal static class LoadRun
{
    private const int ReportEverySeconds = 5;

    internal static async Task<int> RunAsync(string[] args)
    {
        var settings = new ConfigurationBuilder().AddCommandLine(args).Build();
        var seconds = settings.GetValue("seconds", 60);
        var clients = settings.GetValue("clients", 8);
        var least = settings.GetValue("least", 1000);
        await using var app = await StartAsync(settings.GetValue("every-ms", 25), settings.GetValue("history-mb", 16));
        var node = app.Services.GetRequiredService<Node>();
        var minters = Enumerable.Range(0, clients).Select(i => new Minter(i, node, app.Urls.First())).ToList();
        node.Forge();

        using var stop = new CancellationTokenSource();
        var running = minters.ConvertAll(m => Task.Run(() => m.MintAsync(stop.Token)));
        Print($"{"second",8}{"accepted/s",12}{"height",9}{"waiting",9}{"outputs",9}{"heap MB",9}{"set MB",9}");
        var watch = Stopwatch.StartNew();
        var heaps = new List<double>();
        long last = 0;
        while (watch.Elapsed.TotalSeconds < seconds && !running.Exists(static t => t.IsCompleted))
        {
            await Task.Delay(TimeSpan.FromSeconds(ReportEverySeconds));
            var accepted = minters.Sum(static m => m.Accepted);
            var (height, waiting, outputs) = node.Read(static v => (v.Chain.Tip.Height, v.Mempool.Count, v.Chain.UtxoCount));
            heaps.Add(GC.GetTotalMemory(forceFullCollection: true) / 1048576.0);
            Print($"{watch.Elapsed.TotalSeconds,8:F0}{(accepted - last) / (double)ReportEverySeconds,12:F0}{height,9}{waiting,9}{outputs,9}{heaps[^1],9:F0}{Environment.WorkingSet / 1048576,9}");
            last = accepted;
        }

        var elapsed = watch.Elapsed.TotalSeconds;
        var total = minters.Sum(static m => m.Accepted);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        minters.ForEach(static m => m.Dispose());
        var rate = total / elapsed;
        Print($"{total} mint transactions of {minters[0].Size} bytes accepted in {elapsed:F1} s: {rate:F0} a second ({(rate >= least ? "at least" : "LESS THAN")} {least})");
        Print($"heap after a full collection: {heaps[heaps.Count / 2]:F0} MB at half time, {heaps[^1]:F0} MB at the end");
        return rate >= least ? 0 : 1;
    }

    private static async Task<WebApplication> StartAsync(int everyMilliseconds, int historyMegabytes)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DevNet:Mode"] = nameof(BlockMode.Fast),
            ["DevNet:BlockEveryMilliseconds"] = everyMilliseconds.ToString(CultureInfo.InvariantCulture),
            ["DevNet:HistoryMegabytes"] = historyMegabytes.ToString(CultureInfo.InvariantCulture),
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddDevNet();
        var app = builder.Build();
        app.UseDevNetPaths();
        app.MapDevNet();
        await app.StartAsync();
        return app;
    }

    private static void Print(string line) => Console.WriteLine(line);
}
