using System.CommandLine;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using Spectre.Console;

namespace CardanoRwa.Worker.Recovery;

internal static class WalCommand
{
    // Postgres takes any exit code up to 125 for 'not archived' and goes on as if the log ended there; above, it stops.
    private const int NotFound = 1;
    private const int StoreFailed = 126;

    public static Command Create()
    {
        var command = new Command("wal", "The archived WAL, as the stores tell it; the database may be down.");
        command.Subcommands.Add(Look("status", "How far each store's WAL reaches and until when it restores.", findsFault: false));
        command.Subcommands.Add(Look("audit", "Looks for holes from the oldest base backup to the end, in each store; exits with 3 where there is one.", findsFault: true));
        command.Subcommands.Add(Fetch());
        return command;
    }

    private static Command Look(string name, string description, bool findsFault)
    {
        var command = new Command(name, description) { CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(recoveryKey: null, needsRecipients: false, async host =>
        {
            var systems = parsed.GetValue(CommonOptions.SystemId) is { } wanted ? [wanted] : await WalAudit.SystemsAsync(host.Stores, cancellationToken);
            var audits = new List<(string System, IReadOnlyList<WalStoreAudit> Stores)>();
            foreach (var system in systems)
            {
                audits.Add((system, await WalAudit.RunAsync(host.Stores, system, cancellationToken)));
            }
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(audits.Select(a => new { SystemId = a.System, a.Stores }));
            }
            else
            {
                Print(audits);
            }
            var all = audits.SelectMany(a => a.Stores).ToList();
            return all.Exists(s => s.Fault is not null) ? ExitCodes.Unavailable : findsFault && all.Exists(s => s.Holes.Count > 0) ? ExitCodes.Damaged : ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Fetch()
    {
        var segment = new Argument<string>("name") { Description = "%f of restore_command." };
        var path = new Argument<string>("path") { Description = "%p of restore_command." };
        var command = new Command("fetch", "A restore_command: 1 when no store has it, 126 when a store cannot be asked, which stops recovery rather than end it early.")
        {
            segment, path, CommonOptions.SystemId,
        };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var code = await RecoveryHost.RunAsync(recoveryKey: null, needsRecipients: false, async host =>
            {
                var system = parsed.GetValue(CommonOptions.SystemId) ?? (await WalAudit.SystemsAsync(host.Stores, cancellationToken)).Single();
                try
                {
                    return await host.Wal.FetchAsync(system, parsed.GetRequiredValue(segment), parsed.GetRequiredValue(path), cancellationToken) ? 0 : NotFound;
                }
                catch (Exception e) when (e is StoreException or DamagedObjectException or InvalidOperationException)
                {
                    await Console.Error.WriteLineAsync(e.Message);
                    return StoreFailed;
                }
            }, cancellationToken);
            return code is ExitCodes.Done or NotFound ? code : StoreFailed;
        });
        return command;
    }

    private static void Print(List<(string System, IReadOnlyList<WalStoreAudit> Stores)> audits)
    {
        var table = new Table().AddColumns("cluster", "store", "timeline", "from", "to", "segments", "MB stored", "restorable to", "holes");
        foreach (var (system, stores) in audits)
        {
            foreach (var store in stores)
            {
                if (store.Fault is not null)
                {
                    table.AddRow(system, Markup.Escape(store.Store), "", "", "", "", "", "", $"[red]{Markup.Escape(store.Fault)}[/]");
                }
                foreach (var timeline in store.Timelines)
                {
                    var isLast = timeline == store.Timelines[^1];
                    table.AddRow(system, Markup.Escape(store.Store), $"{timeline.Timeline}", $"{timeline.From}", $"{timeline.End}", $"{timeline.Segments} ({timeline.InParts} in parts)", $"{timeline.Bytes / 1e6:0.0}",
                        isLast ? $"{store.RestorableTo:u}" : "", isLast ? store.Holes.Count == 0 ? "[green]none[/]" : $"[red]{Markup.Escape(string.Join("; ", store.Holes))}[/]" : "");
                }
            }
        }
        AnsiConsole.Write(table);
    }
}
