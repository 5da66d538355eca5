using System.CommandLine;
using System.Globalization;
using CardanoRwa.Worker.Recovery;
using CardanoRwa.Worker.Verbs;
using Npgsql;
using Spectre.Console;

namespace CardanoRwa.Worker.Analysis;

internal static class DbCommand
{
    private const int Found = 2;

    public static Command Create()
    {
        var command = new Command("db", "Looks into the registry's database.");
        command.Subcommands.Add(Analyze());
        return command;
    }

    private static Command Analyze()
    {
        var all = new Option<bool>("--all") { Description = "Also the answers themselves, not only what they advise." };
        var command = new Command("analyze", "Runs performance/query-analysis.sql and says what to do. Exit code 0: nothing; 2: there is advice; 1: it could not be done.") { all, CommonOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var host = WorkerCommands.Host();
            AnalysisReport report;
            try
            {
                report = await new DatabaseAnalysis(host.Services.GetRequiredService<NpgsqlDataSource>()).RunAsync(cancellationToken);
            }
            catch (NpgsqlException e)
            {
                await Console.Error.WriteLineAsync($"The database does not answer: {e.Message}");
                return 1;
            }
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(report);
            }
            else
            {
                Print(report, parsed.GetValue(all));
            }
            return report.Findings.Count == 0 ? 0 : Found;
        });
        return command;
    }

    private static void Print(AnalysisReport report, bool all)
    {
        foreach (var answer in report.Answers.Where(_ => all))
        {
            var table = new Table { Title = new TableTitle(Markup.Escape($"{answer.Name}: {answer.About}")) }.AddColumns([.. answer.Columns.Select(Markup.Escape)]);
            foreach (var row in answer.Rows)
            {
                table.AddRow([.. row.Select(v => Markup.Escape(Convert.ToString(v, CultureInfo.InvariantCulture) ?? ""))]);
            }
            AnsiConsole.Write(table);
        }
        foreach (var finding in report.Findings)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{finding.Code}[/] {finding.Subject}: {finding.Detail}\n  {finding.Advice}");
        }
        if (report.Findings.Count == 0)
        {
            AnsiConsole.MarkupLine("Nothing to do.");
        }
    }
}
