using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using Spectre.Console;

namespace CardanoRwa.LoadTest;

internal static class MarksCommand
{
    public static Command Create()
    {
        var parts = new Argument<string[]>("parts") { DefaultValueFactory = _ => [.. MarkRun.Parts], Description = $"Which: {string.Join(", ", MarkRun.Parts)}." };
        var address = CommonOptions.Address("--address", "The Api; its key stands in RWA_API_KEY.");
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 9 };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 3, Description = "Each round of each server." };
        var users = new Option<int>("--users") { DefaultValueFactory = _ => 32, Description = "Connections." };
        var output = new Option<FileInfo?>("--output") { Description = "JSON file of the results, added to what it holds; beside it the same as Markdown." };
        var title = new Option<string>("--title") { DefaultValueFactory = _ => "The marks of the Api" };
        var command = new Command("marks", $"Measures the Api beside a bare constant server and raw Npgsql on the same database, which {RawServer.DatabaseVariable} names.") { parts, address, rounds, seconds, users, output, title };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(parts)!.Except(MarkRun.Parts).FirstOrDefault() is { } unknown)
            {
                throw new InvalidDataException($"There is no part '{unknown}'; there are {string.Join(", ", MarkRun.Parts)}.");
            }
            var connection = Environment.GetEnvironmentVariable(RawServer.DatabaseVariable) ?? throw new InvalidDataException($"{RawServer.DatabaseVariable} is not set.");
            await using var source = NpgsqlDataSource.Create(connection);
            var api = CommonOptions.Of(parsed.GetValue(address)!);
            var run = new MarkRun(api, new Registry(source, api), parsed.GetValue(rounds), parsed.GetValue(seconds), parsed.GetValue(users));
            var marks = await run.RunAsync(parsed.GetValue(parts)!, cancellationToken);

            foreach (var m in marks)
            {
                AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{(m.Holds ? "holds" : "MISSED")}: {m.Name} {m.Value:0.###} {m.Unit}{(m.Comparison is { } c ? $" ({c.Low:0.000} to {c.High:0.000})" : "")}, mark {m.Limit} {m.Note}");
            }
            if (parsed.GetValue(output) is { } file)
            {
                var report = file.Exists ? JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file.FullName, cancellationToken), LoadJson.Default.MarkReport)! : new MarkReport(MarkRun.Machine, []);
                report = report.With(marks);
                await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(report, LoadJson.Default.MarkReport) + "\n", cancellationToken);
                await File.WriteAllTextAsync(Path.ChangeExtension(file.FullName, ".md"), report.ToMarkdown(parsed.GetValue(title)!), cancellationToken);
            }
            return marks.All(m => m.Holds) ? 0 : 3;
        });
        return command;
    }
}
