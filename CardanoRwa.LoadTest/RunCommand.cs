using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace CardanoRwa.LoadTest;

internal static class RunCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("profile") { DefaultValueFactory = _ => "guide", Description = "Of the scenario." };
        var address = CommonOptions.Address("--address", "The Api; its key stands in RWA_API_KEY, or a token in RWA_TOKEN.");
        var scenario = new Option<string>("--scenario") { DefaultValueFactory = _ => "tests/performance/scenario.json" };
        var seconds = new Option<int?>("--seconds") { Description = "Instead of what the profile says." };
        var rate = new Option<double?>("--rate") { Description = "Requests a second, instead of what the profile says." };
        var users = new Option<int?>("--users") { Description = "Instead of what the profile says." };
        var baselines = new Option<string?>("--baselines") { Description = "performance/baselines.json: exits with 3 when one of its limits is breached." };
        var compare = new Option<string?>("--compare") { Description = "A recorded run of the same profile; exits with 3 when this one is far worse." };
        var output = new Option<string?>("--output") { Description = "Folder for report.json and report.html." };
        var calibrate = new Option<bool>("--calibrate") { Description = "Measures the bare constant server first." };
        var command = new Command("run", "Sends a profile of the scenario and reports.") { name, address, scenario, seconds, rate, users, baselines, compare, output, calibrate };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var read = await Scenario.ReadAsync(parsed.GetValue(scenario)!, cancellationToken);
            if (!read.Profiles.TryGetValue(parsed.GetValue(name)!, out var profile))
            {
                throw new InvalidDataException($"There is no profile '{parsed.GetValue(name)}'; there are {string.Join(", ", read.Profiles.Keys)}.");
            }
            profile = profile with { Seconds = parsed.GetValue(seconds) ?? profile.Seconds, RatePerSecond = parsed.GetValue(rate) ?? profile.RatePerSecond, Users = parsed.GetValue(users) ?? profile.Users };
            double? constant = parsed.GetValue(calibrate) ? await CalibrateAsync(profile.Users, cancellationToken) : null;
            var target = CommonOptions.Of(parsed.GetValue(address)!);
            var run = new LoadRun(target, profile, await target.PrepareAsync(read, profile, cancellationToken));
            await ShowAsync(run, profile, cancellationToken);

            var report = Report.Of(parsed.GetValue(name)!, profile, run, TimeProvider.System.GetUtcNow(), await CommonOptions.CommitAsync(CancellationToken.None), constant);
            var findings = new List<Finding>();
            if (parsed.GetValue(baselines) is { } limits)
            {
                findings.AddRange(await Baselines.CheckAsync(limits, report, CancellationToken.None));
            }
            if (parsed.GetValue(compare) is { } recorded)
            {
                var old = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(recorded, CancellationToken.None), LoadJson.Default.Report) ?? throw new InvalidDataException($"{recorded} is empty.");
                findings.AddRange(Baselines.Compare(old, report));
            }
            Print(report, findings);
            if (parsed.GetValue(output) is { } folder)
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(report, LoadJson.Default.Report) + "\n", CancellationToken.None);
                await File.WriteAllTextAsync(Path.Combine(folder, "report.html"), HtmlPage.Write(report, findings), CancellationToken.None);
            }
            return cancellationToken.IsCancellationRequested ? 1 : findings.TrueForAll(f => f.Holds) ? 0 : 3;
        });
        return command;
    }

    private static async Task<double> CalibrateAsync(int users, CancellationToken cancellationToken)
    {
        await using var server = await ConstantServer.StartAsync(cancellationToken);
        var constant = await Contender.PrepareAsync(new Target(server.Address, null, null), new RequestModel("GET", "/", 200), cancellationToken);
        await constant.RateAsync(users, 2, cancellationToken);
        var rate = await constant.RateAsync(users, 3, cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"bare constant server: {rate:0} a second");
        return Math.Round(rate, 1);
    }

    private static async Task ShowAsync(LoadRun run, Profile profile, CancellationToken cancellationToken)
    {
        await AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async context =>
        {
            var bar = context.AddTask(profile.WarmUpSeconds > 0 ? "warming up" : "starting", maxValue: profile.Seconds);
            await run.RunAsync(r =>
            {
                var last = r.Seconds[^1];
                bar.Value = last.At;
                bar.Description = string.Create(CultureInfo.InvariantCulture, $"{last.Count}/s, p50 {last.Latency.P50:0.0}, p95 {last.Latency.P95:0.0}, p99 {last.Latency.P99:0.0} ms, {r.Meters.Sum(m => m.Failures)} failed");
            }, cancellationToken);
        });
    }

    private static void Print(Report report, IReadOnlyList<Finding> findings)
    {
        // Into a file or a pipe it would be 80, and break numbers in two.
        AnsiConsole.Profile.Width = Math.Max(120, AnsiConsole.Profile.Width);
        var table = new Table().AddColumns("request", "count", "failed", "a second", "p50 ms", "p95", "p99", "p99.9", "max", "database p95");
        foreach (var r in report.Requests)
        {
            table.AddRow(Text(r.Name), Text(r.Count), Text(r.Failures), Text(r.PerSecond), Text(r.Latency.P50), Text(r.Latency.P95), Text(r.Latency.P99), Text(r.Latency.P999), Text(r.Latency.Max), Text(r.Database?.P95));
        }
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{report.PerSecond} a second, {report.ErrorPercent} % errors{(report.FirstFault is { } fault ? $"; first: {fault}" : "")}");
        foreach (var f in findings)
        {
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{(f.Holds ? "holds" : "BREACHED")}: {f.What} {f.Measured}, limit {f.Limit}");
        }

        static string Text(object? value) => Markup.Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
    }
}
