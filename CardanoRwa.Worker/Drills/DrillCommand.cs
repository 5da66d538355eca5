using System.CommandLine;
using System.Diagnostics;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Drills;
using CardanoRwa.Worker.Failover;
using CardanoRwa.Worker.Recovery;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace CardanoRwa.Worker.Drills;

internal static class DrillCommand
{
    public static Command Create()
    {
        var command = new Command("drill", "Proves that backups restore. Only 'tally' needs the database.");
        command.Subcommands.Add(Run());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Count());
        command.Subcommands.Add(FailoverDrillCommand.Create());
        return command;
    }

    private static Command Run()
    {
        var full = new Option<bool>("--full") { Description = "Read every page, every index and the catalogs too." };
        var store = new Option<string?>("--store") { Description = "This store instead of the one that was drilled least recently." };
        var postgres = new Option<string?>("--postgres") { Description = "The folder of Postgres' programs." };
        var with = new Option<string?>("--check") { Description = "A program to run while the copy is up; its connection string is RWA_COPY, and an exit code but 0 fails the drill." };
        var command = new Command("run", "Restores from one store and the key into a scratch folder, compares, measures, and removes it. Exit code 0: passed; 3: the backup is not what it should be; 1: it could not be tried.")
        {
            full, store, postgres, with, CommonOptions.SystemId, CommonOptions.RecoveryKey, CommonOptions.Json,
        };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: true, async host =>
        {
            var progress = new RecoveryProgress(host.Clock);
            var request = new DrillRequest(parsed.GetValue(full) ? DrillKind.Full : DrillKind.RestoreTest, progress)
            {
                RequestedBy = "command-line",
                Store = parsed.GetValue(store),
                SystemId = parsed.GetValue(CommonOptions.SystemId),
                Source = host.Configuration.GetConnectionString("rwadb"),
                PostgresFolder = parsed.GetValue(postgres),
                OnReady = parsed.GetValue(with) is { } program ? (copy, token) => CheckAsync(program, copy, token) : null,
            };
            var outcome = await ProgressBars.ShowAsync(progress, parsed.GetValue(CommonOptions.Json), () => Engine(host).RunAsync(request with { PostgresFolder = request.PostgresFolder ?? host.Options.PostgresFolder }, cancellationToken));
            if (outcome.IsRefused(out var refusal, out var report))
            {
                return ExitCodes.Report(refusal);
            }
            Print(report, parsed.GetValue(CommonOptions.Json));
            return report.Passed ? ExitCodes.Done : ExitCodes.Damaged;
        }, cancellationToken));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the drills' reports in the stores.") { CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: false, async host =>
        {
            var reports = await new DrillReports(host.Stores, host.Keys).ListAsync(parsed.GetValue(CommonOptions.SystemId), cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(reports);
                return ExitCodes.Done;
            }
            var table = new Table().AddColumns("drill", "kind", "began (UTC)", "store", "backup", "result", "recovered in", "lost");
            foreach (var report in reports)
            {
                table.AddRow(report.Id, report.Kind == DrillKind.Full ? "full" : "restore test", $"{report.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}", Markup.Escape(report.Attempts[0].Store), report.Attempts[0].Backup ?? "",
                    report.Passed ? "[green]passed[/]" : $"[red]{string.Join(", ", report.Attempts[0].Failures.Select(f => f.Reason).Distinct())}[/]", $"{report.RtoSeconds:0.0} s", $"{report.RpoSeconds:0.0} s");
            }
            if (Console.IsOutputRedirected)
            {
                AnsiConsole.Profile.Width = 200; // no terminal to fit into
            }
            AnsiConsole.Write(table);
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("id");
        var command = new Command("show", "Shows a drill's report, and with a key checks that it was not changed.") { id, CommonOptions.RecoveryKey, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: false, async host =>
        {
            if (await new DrillReports(host.Stores, host.Keys).FindAsync(parsed.GetRequiredValue(id), cancellationToken) is not { } outcome)
            {
                return ExitCodes.Report(new RecoveryRefusal("drill.none", $"No store has a report {parsed.GetValue(id)}.", "'drill list' shows them."));
            }
            if (outcome.IsRefused(out var refusal, out var found))
            {
                return ExitCodes.Report(refusal);
            }
            Print(found.Report, parsed.GetValue(CommonOptions.Json));
            await Console.Error.WriteLineAsync(found.IsAuthentic ? "Its tag is right." : "Without a key its tag was not checked.");
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Count()
    {
        var command = new Command("tally", "Counts and hashes every table at a restore point, for drills to compare with; the worker does it every hour.") { CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: true, async host =>
        {
            if (host.Configuration.GetConnectionString("rwadb") is not { } source)
            {
                return ExitCodes.Report(new RecoveryRefusal("tally.no-source", "No database is configured.", "Set the connection string 'rwadb'."));
            }
            if ((await new TallyTaker(source, host.Clock).RunAsync(cancellationToken)).IsRefused(out var refusal, out var tally))
            {
                return ExitCodes.Report(refusal);
            }
            var failed = await new TallyStore(host.Stores, host.Keys).WriteAsync(tally, cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(tally);
            }
            else
            {
                Console.WriteLine($"{tally.Name}: {tally.Tables.Count} tables, {tally.Tables.Sum(t => t.Rows)} rows at {tally.At}.");
            }
            failed.ToList().ForEach(f => Console.Error.WriteLine($"NOT in store {f.Key}: {f.Value}"));
            return failed.Count == 0 ? ExitCodes.Done : ExitCodes.Partly;
        }, cancellationToken));
        return command;
    }

    private static async Task<DrillCheck> CheckAsync(string program, string copy, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RWA_COPY"] = copy;
        using var process = Process.Start(start)!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            var said = (await output + await errors).Trim().ReplaceLineEndings("; ");
            return new DrillCheck("program", process.ExitCode == 0 ? CheckState.Passed : CheckState.Failed, $"exit code {process.ExitCode}: {(said.Length > 500 ? said[^500..] : said)}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    internal static DrillEngine Engine(RecoveryHost host) => new(
        host.Stores, some => new CardanoRwa.Recovery.Keys.KeyRing(some, host.Recipients, host.Identities, host.Clock), host.Services.GetRequiredService<IOptions<DrillOptions>>().Value,
        host.Services.GetRequiredService<DrillMetrics>(), host.Clock, host.Services.GetRequiredService<ILogger<DrillEngine>>());

    private static void Print(DrillReport report, bool isJson)
    {
        if (isJson)
        {
            CommonOptions.PrintJson(report);
        }
        else
        {
            Console.Write(DrillMarkdown.Write(report));
        }
    }
}
