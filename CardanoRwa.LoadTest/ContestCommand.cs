using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace CardanoRwa.LoadTest;

internal static class ContestCommand
{
    private const int ProvedWorse = 4;

    public static Command Create()
    {
        var file = new Argument<string>("contest") { Description = "JSON: servers, the subject among them, and what each is asked." };
        var at = new Option<string[]>("--at") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "NAME=http://HOST:PORT of each server; those left out take no part." };
        var rounds = new Option<int?>("--rounds") { Description = "Instead of what the file says." };
        var seconds = new Option<int?>("--seconds") { Description = "Of each server in a round, instead of what the file says." };
        var gate = new Option<bool>("--gate") { Description = "Exits with 4 when the subject is proved worse at any request." };
        var confirm = new Option<string?>("--confirm") { Description = "A contest of other processes of the same servers: with --gate, only what was proved worse there as well counts." };
        var output = new Option<string?>("--output") { Description = "Path without ending: writes .json, and the table as .md." };
        var command = new Command("contest", "Measures servers in turns on the same questions and prints a table of ratios.") { file, at, rounds, seconds, gate, confirm, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var contest = await Contest.ReadAsync(parsed.GetValue(file)!, cancellationToken);
            var targets = parsed.GetValue(at)!.Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => Named(contest, a));
            if (!targets.ContainsKey(contest.Subject))
            {
                throw new InvalidDataException($"Say where '{contest.Subject}' is: it is the subject.");
            }
            var (turns, each) = (parsed.GetValue(rounds) ?? contest.Rounds, parsed.GetValue(seconds) ?? contest.SecondsEach);
            var scores = await new ContestRun(contest, targets, turns, each).RunAsync(Tick, cancellationToken);
            var report = new ContestReport(
                Path.GetFileNameWithoutExtension(parsed.GetValue(file)!), TimeProvider.System.GetUtcNow(), await CommonOptions.CommitAsync(CancellationToken.None), Report.ThisMachine,
                contest.Subject, contest.Users, each, turns, targets.Keys.ToDictionary(t => t, t => contest.Servers[t].About ?? ""), scores);
            Console.WriteLine();
            Console.Write(report.ToMarkdown());
            if (parsed.GetValue(output) is { } path)
            {
                await File.WriteAllTextAsync($"{path}.json", JsonSerializer.Serialize(report, LoadJson.Default.ContestReport) + "\n", CancellationToken.None);
                await File.WriteAllTextAsync($"{path}.md", report.ToMarkdown(), CancellationToken.None);
            }
            if (!parsed.GetValue(gate))
            {
                return 0;
            }
            var first = parsed.GetValue(confirm) is { } recorded ? JsonSerializer.Deserialize(await File.ReadAllBytesAsync(recorded, CancellationToken.None), LoadJson.Default.ContestReport) : null;
            var (worse, said) = report.Judge(first);
            Console.WriteLine(said);
            return worse ? ProvedWorse : 0;
        });
        return command;
    }

    private static Target Named(Contest contest, string[] parts)
    {
        if (parts.Length != 2 || !contest.Servers.ContainsKey(parts[0]) || !Uri.TryCreate(parts[1], UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp)
        {
            throw new InvalidDataException($"'{string.Join('=', parts)}' is no NAME=http://HOST:PORT with one of {string.Join(", ", contest.Servers.Keys)}.");
        }
        return contest.Target(parts[0], address);
    }

    private static void Tick(string request, int round, IReadOnlyList<(string Server, Rate Rate)> heard) => AnsiConsole.MarkupLineInterpolated(
        CultureInfo.InvariantCulture, $"round {round}, {request}: {string.Join(", ", heard.Select(h => string.Create(CultureInfo.InvariantCulture, $"{h.Server} {h.Rate.PerSecond:0}")))} a second");
}
