using System.CommandLine;
using CardanoRwa.Storage;
using Spectre.Console;

namespace CardanoRwa.Worker.Recovery;

internal static class StoreCommand
{
    public static Command Create()
    {
        var command = new Command("store", "Looks after the stores of backups.");
        command.Subcommands.Add(Check());
        return command;
    }

    private static Command Check()
    {
        var name = new Argument<string?>("name") { Arity = ArgumentArity.ZeroOrOne, Description = "One store; without it all of them." };
        var size = new Option<int>("--mebibytes") { DefaultValueFactory = _ => 12, Description = "Size of the object that is sent in parts." };
        var command = new Command("check", "Writes, reads, lists, creates conditionally and deletes in each store, and says how long it took.") { name, size, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(recoveryKey: null, needsRecipients: false, async host =>
        {
            var wanted = parsed.GetValue(name);
            var stores = host.Services.GetRequiredService<StoreSet>().All; // also those that no backup goes to
            var chosen = stores.Where(s => wanted is null || s.Name == wanted).ToList();
            if (chosen.Count == 0)
            {
                await Console.Error.WriteLineAsync($"There is no store '{wanted}'; there are {string.Join(", ", stores.Select(s => s.Name))}.");
                return 1;
            }
            var steps = new List<StoreCheckStep>();
            foreach (var store in chosen)
            {
                await foreach (var step in StoreCheck.RunAsync(store, parsed.GetValue(size) << 20, cancellationToken))
                {
                    steps.Add(step);
                }
            }
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(steps.Select(s => new { s.Store, s.Step, Milliseconds = Math.Round(s.Took.TotalMilliseconds, 1), s.Fault }));
            }
            else
            {
                Print(steps);
            }
            return steps.TrueForAll(s => s.Fault is null) ? 0 : 2;
        }, cancellationToken));
        return command;
    }

    private static void Print(List<StoreCheckStep> steps)
    {
        var table = new Table().AddColumns("store", "step", "ms", "result");
        foreach (var step in steps)
        {
            table.AddRow(Markup.Escape(step.Store), step.Step, $"{step.Took.TotalMilliseconds:0.0}", step.Fault is null ? "[green]ok[/]" : $"[red]{Markup.Escape(step.Fault)}[/]");
        }
        AnsiConsole.Write(table);
    }
}
