using System.CommandLine;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Configurations;

namespace CardanoRwa.Worker.Recovery;

internal static class ConfigCommand
{
    public static Command Create()
    {
        var command = new Command("config", "Versions of the schema and of what the services were started with, as the stores keep them; needs neither the database nor a key.");
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Diff());
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the versions, oldest first.") { CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: false, async host =>
        {
            var (entries, faults) = await new ConfigurationCopies(host.Stores).ListAsync(parsed.GetValue(CommonOptions.SystemId), cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(new { Versions = entries.Select(e => new { e.Id, e.Kind, e.SystemId, e.At, Stores = e.Stores.Select(s => s.Name) }), Faults = faults });
            }
            else
            {
                foreach (var entry in entries)
                {
                    Console.WriteLine($"{entry.Id}  {string.Join(", ", entry.Stores.Select(s => s.Name))}{(host.Stores.Count > entry.Stores.Count ? "  (not in every store)" : "")}");
                }
                faults.ToList().ForEach(f => Console.Error.WriteLine($"FAULT: {f}"));
            }
            return faults.Count == 0 ? ExitCodes.Done : ExitCodes.Partly;
        }, cancellationToken));
        return command;
    }

    private static Command Show()
    {
        var id = Version("id");
        var command = new Command("show", "Shows a version.") { id, CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: false, async host =>
        {
            if ((await ReadAsync(host, parsed, parsed.GetRequiredValue(id), cancellationToken)).IsRefused(out var refusal, out var copy))
            {
                return ExitCodes.Report(refusal);
            }
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(copy);
            }
            else
            {
                copy.Lines.ToList().ForEach(Console.WriteLine);
            }
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Diff()
    {
        var (before, after) = (Version("before"), Version("after"));
        var command = new Command("diff", "Compares two versions, line by line. Exit code 2 where they differ.") { before, after, CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: false, async host =>
        {
            if ((await ReadAsync(host, parsed, parsed.GetRequiredValue(before), cancellationToken)).IsRefused(out var refusal, out var one)
                || (await ReadAsync(host, parsed, parsed.GetRequiredValue(after), cancellationToken)).IsRefused(out refusal, out var other))
            {
                return ExitCodes.Report(refusal);
            }
            var (gone, come) = ConfigurationCopies.Compare(one, other);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(new { Gone = gone, Come = come });
            }
            else
            {
                foreach (var (line, sign) in gone.Select(l => (l, '-')).Concat(come.Select(l => (l, '+'))).OrderBy(l => l.l, StringComparer.Ordinal))
                {
                    Console.WriteLine($"{sign} {line}");
                }
            }
            return gone.Count + come.Count == 0 ? ExitCodes.Done : ExitCodes.Partly;
        }, cancellationToken));
        return command;
    }

    private static Argument<string> Version(string name) => new(name) { Description = "An id of 'config list', or api, worker or schema for the newest of it; with ~1 behind it the one before, and so on." };

    private static async Task<Outcome<ConfigurationCopy>> ReadAsync(RecoveryHost host, ParseResult parsed, string wanted, CancellationToken cancellationToken)
    {
        var (entries, _) = await new ConfigurationCopies(host.Stores).ListAsync(parsed.GetValue(CommonOptions.SystemId), cancellationToken);
        var (kind, back) = wanted.Split('~') is [var name, var steps] && int.TryParse(steps, out var count) ? (name, count) : (wanted, 0);
        var found = entries.FirstOrDefault(e => e.Id == wanted) ?? entries.Where(e => e.Kind == kind).Reverse().ElementAtOrDefault(back);
        return found is null
            ? new RecoveryRefusal("config.unknown", $"No store has a version {wanted}.", "'config list' shows what there is.")
            : await ConfigurationCopies.ReadAsync(found, cancellationToken);
    }
}
