using System.CommandLine;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Worker.Recovery;

/// <summary>backup retention: the worker's own removal, by hand. The database may be down.</summary>
internal static class RetentionCommand
{
    public static Command Create()
    {
        var dry = new Option<bool>("--dry-run") { Description = "Only say what would go, and why." };
        var command = new Command("retention", "Removes backups and WAL that newer, proven backups have replaced (Recovery:Retention).") { dry, CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: false, async host =>
        {
            var options = host.Configuration.GetSection(RetentionOptions.Section).Get<RetentionOptions>() ?? new RetentionOptions();
            var isDry = parsed.GetValue(dry);
            var systems = parsed.GetValue(CommonOptions.SystemId) is { } wanted ? [wanted] : await WalAudit.SystemsAsync(host.Stores, cancellationToken);
            var all = new List<(string System, IReadOnlyList<StoreRetention> Stores)>();
            foreach (var system in systems)
            {
                all.Add((system, await new RetentionRun(host.Stores, options, host.Clock).RunAsync(system, isDry, cancellationToken)));
            }
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(all.Select(a => new
                {
                    SystemId = a.System,
                    DryRun = isDry,
                    Stores = a.Stores.Select(s => new
                    {
                        s.Store,
                        Backups = s.Verdicts.Select(v => new { v.Backup.Id, v.Backup.StoppedAt, v.Goes, v.Why }),
                        s.RemovedBackups,
                        s.RemovedUnfinished,
                        s.RemovedSegments,
                        s.RemovedBytes,
                        s.Spared,
                        s.Skipped,
                    }),
                }));
            }
            else
            {
                all.ForEach(a => Print(a.System, a.Stores, isDry));
            }
            return all.Exists(a => a.Stores.Any(s => s.Skipped is not null || s.Spared.Count > 0)) ? ExitCodes.Partly : ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static void Print(string system, IReadOnlyList<StoreRetention> stores, bool isDry)
    {
        foreach (var store in stores)
        {
            Console.WriteLine($"Cluster {system}, store {store.Store}{(store.Skipped is { } why ? $": nothing done, {why}" : "")}");
            foreach (var verdict in store.Verdicts)
            {
                Console.WriteLine($"  {(verdict.Goes ? "goes " : "stays")} {verdict.Backup.Id}  {verdict.Why}");
            }
            store.RemovedUnfinished.ToList().ForEach(u => Console.WriteLine($"  goes  {u}  never finished"));
            store.Spared.ToList().ForEach(s => Console.Error.WriteLine($"  NOT removed: {s}"));
            Console.WriteLine($"  {(isDry ? "would go" : "removed")}: {store.RemovedBackups.Count} backups, {store.RemovedUnfinished.Count} unfinished, {store.RemovedSegments} segments of WAL, {ProgressBars.Bytes(store.RemovedBytes)}");
        }
    }
}
