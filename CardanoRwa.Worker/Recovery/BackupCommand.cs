using System.CommandLine;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Logical;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Retention;
using Spectre.Console;

namespace CardanoRwa.Worker.Recovery;

internal static class BackupCommand
{
    public static Command Create()
    {
        var command = new Command("backup", "Makes, lists, checks and removes backups. Only 'now' needs the database.");
        command.Subcommands.Add(Now());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Verify());
        command.Subcommands.Add(Fold());
        command.Subcommands.Add(Delete());
        command.Subcommands.Add(Tidy());
        command.Subcommands.Add(RetentionCommand.Create());
        return command;
    }

    private static Command Now()
    {
        var incremental = new Option<bool>("--incremental") { Description = "Only what changed since the newest backup, where that is possible." };
        var spread = new Option<bool>("--spread") { Description = "Let the checkpoint at the start take its time." };
        var logical = new Option<bool>("--logical") { Description = "Dump the database with pg_dump instead, as for a managed server without physical replication." };
        var command = new Command("now", "Backs the cluster up into every store.") { incremental, spread, logical, CommonOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var preparing = BaseBackup.PrepareAsync();
            return await RecoveryHost.RunAsync(null, needsRecipients: true, async host =>
            {
                if ((host.Options.Source ?? host.Configuration.GetConnectionString("rwadb")) is not { } source)
                {
                    return ExitCodes.Report(new RecoveryRefusal("backup.no-source", "No database is configured.", "Set Recovery:Source or the connection string 'rwadb'."));
                }
                if (parsed.GetValue(logical) || host.Options.Mode == RecoveryMode.Logical)
                {
                    var dumping = new RecoveryProgress(host.Clock);
                    var dumped = await ProgressBars.ShowAsync(dumping, parsed.GetValue(CommonOptions.Json),
                        () => new LogicalBackup(host.Stores, host.Keys, host.Clock).RunAsync(host.Options.LogicalRequest(source), dumping, cancellationToken));
                    return Report(dumped, dumping, parsed.GetValue(CommonOptions.Json));
                }
                var request = host.Options.BaseRequest(source) with { IsIncremental = parsed.GetValue(incremental), IsFast = !parsed.GetValue(spread) };
                var progress = new RecoveryProgress(host.Clock);
                var outcome = await ProgressBars.ShowAsync(progress, parsed.GetValue(CommonOptions.Json), () => new BaseBackup(host.Stores, host.Keys, host.Clock).RunAsync(request, progress, cancellationToken));
                await preparing;
                return Report(outcome, progress, parsed.GetValue(CommonOptions.Json));
            }, cancellationToken);
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the backups in the stores, and from when to when they restore.") { CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: false, async host =>
        {
            var listing = await host.Catalogue.ListAsync(parsed.GetValue(CommonOptions.SystemId), cancellationToken);
            var windows = await new RestorePlanner(host.Catalogue, host.Keys, host.Wal).WindowsAsync(cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(new { Backups = listing.Backups.Concat(listing.Logical).Select(Summary), Windows = windows, AchievedRpo = AchievedRpo.Of(listing, windows, host.Clock.GetUtcNow()), listing.Faults });
            }
            else
            {
                Print(listing, windows, AchievedRpo.Of(listing, windows, host.Clock.GetUtcNow()));
            }
            return listing.Faults.Count == 0 ? ExitCodes.Done : ExitCodes.Partly;
        }, cancellationToken));
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("id");
        var command = new Command("show", "Shows a backup's manifest; always as JSON.") { id, CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => WithBackupAsync(parsed, parsed.GetRequiredValue(id), null, (_, _, entry) =>
        {
            CommonOptions.PrintJson(new { Manifest = entry.Manifest with { Objects = [] }, Objects = entry.Manifest.Objects.Count, Stores = entry.Stores.Select(s => s.Name) });
            return Task.FromResult(ExitCodes.Done);
        }, cancellationToken));
        return command;
    }

    private static Command Verify()
    {
        var id = new Argument<string>("id");
        var command = new Command("verify", "Reads every byte of a backup back from every store. With a key it opens and sums them too, without one it compares hashes.")
        {
            id, CommonOptions.SystemId, CommonOptions.RecoveryKey, CommonOptions.Json,
        };
        command.SetAction((parsed, cancellationToken) => WithBackupAsync(parsed, parsed.GetRequiredValue(id), CommonOptions.RecoveryKeyOf(parsed), async (host, _, entry) =>
        {
            var progress = new RecoveryProgress(host.Clock);
            var outcome = await ProgressBars.ShowAsync(progress, parsed.GetValue(CommonOptions.Json), () => new BackupVerification(host.Keys, host.Clock).RunAsync(entry, host.Stores, progress, cancellationToken));
            if (outcome.IsRefused(out var refusal, out var reports))
            {
                return ExitCodes.Report(refusal);
            }
            await NoteAsync(host, entry, reports, cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(reports);
            }
            foreach (var report in parsed.GetValue(CommonOptions.Json) ? [] : reports)
            {
                Console.WriteLine($"{report.Store}: {report.Objects} objects, {ProgressBars.Bytes(report.Bytes)}, {(report.WasOpened ? "opened and summed" : "hashes only, no key at hand")}: {(report.Faults.Count == 0 ? "good" : "DAMAGED")}");
                report.Faults.ToList().ForEach(f => Console.WriteLine($"  {f}"));
            }
            return reports.All(r => r.Faults.Count == 0) ? ExitCodes.Done : ExitCodes.Damaged;
        }, cancellationToken));
        return command;
    }

    /// <summary>Where this machine may only read, the result counts here alone.</summary>
    private static async Task NoteAsync(RecoveryHost host, CatalogueEntry entry, IReadOnlyList<StoreVerification> reports, CancellationToken cancellationToken)
    {
        try
        {
            await Proofs.WriteAsync(entry, reports, host.Stores, host.Clock, cancellationToken);
        }
        catch (Storage.StoreException e)
        {
            await Console.Error.WriteLineAsync($"Not noted as proven: {e.Message}");
        }
    }

    private static Command Fold()
    {
        var id = new Argument<string?>("id") { Arity = ArgumentArity.ZeroOrOne, Description = "The backup whose chain is folded; the newest if not given." };
        var command = new Command("fold", "Makes a full backup out of an incremental one and its chain, without touching the database.") { id, CommonOptions.SystemId, CommonOptions.RecoveryKey, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: true, async host =>
        {
            var request = new RestoreRequest("", new RestoreTarget.Backup()) { SystemId = parsed.GetValue(CommonOptions.SystemId), BackupId = parsed.GetValue(id) };
            var progress = new RecoveryProgress(host.Clock);
            var outcome = await ProgressBars.ShowAsync(progress, parsed.GetValue(CommonOptions.Json), () => new SyntheticFull(host.Stores, host.Keys, host.Clock).RunAsync(request, progress, cancellationToken));
            return Report(outcome, progress, parsed.GetValue(CommonOptions.Json));
        }, cancellationToken));
        return command;
    }

    private static Command Delete()
    {
        var id = new Argument<string>("id");
        var command = new Command("delete", "Removes a backup from every store. One that others stand on, and the last good one, stay.") { id, CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => WithBackupAsync(parsed, parsed.GetRequiredValue(id), null, async (host, listing, entry) =>
        {
            var alike = entry.Manifest.Kind == BackupKind.Logical ? listing.Logical : listing.Backups;
            if (!alike.Any(b => b != entry && b.Manifest.SystemId == entry.Manifest.SystemId && b.Manifest.State == BackupState.Good && listing.Chain(b) is not null))
            {
                return ExitCodes.Report(new RecoveryRefusal("backup.last-good", $"{entry.Manifest.Id} is the last good backup of cluster {entry.Manifest.SystemId}.", "Make another first."));
            }
            if ((await host.Catalogue.DeleteAsync(entry, cancellationToken)).IsRefused(out var refusal, out var count))
            {
                return ExitCodes.Report(refusal);
            }
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(new { entry.Manifest.Id, Objects = count });
            }
            else
            {
                Console.WriteLine($"Removed {entry.Manifest.Id} from {string.Join(", ", entry.Stores.Select(s => s.Name))}.");
            }
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Tidy()
    {
        var hours = new Option<int>("--older-than-hours") { DefaultValueFactory = _ => 24, Description = "A younger one may still be running." };
        var command = new Command("tidy", "Removes what backups that never ended left in the stores.") { hours, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: false, async host =>
        {
            var removed = await host.Catalogue.RemoveUnfinishedAsync(host.Clock.GetUtcNow().AddHours(-parsed.GetValue(hours)), cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(removed);
            }
            else
            {
                Console.WriteLine(removed.Count == 0 ? "Nothing to remove." : $"Removed {string.Join(", ", removed)}.");
            }
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Task<int> WithBackupAsync(ParseResult parsed, string id, string? recoveryKey, Func<RecoveryHost, CatalogueListing, CatalogueEntry, Task<int>> action, CancellationToken cancellationToken) =>
        RecoveryHost.RunAsync(recoveryKey, needsRecipients: false, async host =>
        {
            var listing = await host.Catalogue.ListAsync(parsed.GetValue(CommonOptions.SystemId), cancellationToken);
            listing.Faults.ToList().ForEach(Console.Error.WriteLine);
            return listing.Find(id) is { } entry
                ? await action(host, listing, entry)
                : ExitCodes.Report(new RecoveryRefusal("backup.unknown", $"No store has a backup {id}.", "'backup list' shows what there is."));
        }, cancellationToken);

    private static int Report(Outcome<BackupResult> outcome, RecoveryProgress progress, bool isJson)
    {
        if (outcome.IsRefused(out var refusal, out var made))
        {
            return ExitCodes.Report(refusal);
        }
        var manifest = made.Manifest;
        if (isJson)
        {
            CommonOptions.PrintJson(new
            {
                manifest.Id,
                manifest.Kind,
                manifest.State,
                manifest.SystemId,
                manifest.ParentId,
                manifest.FullBecause,
                manifest.StartLsn,
                manifest.StopLsn,
                manifest.FileCount,
                manifest.FileBytes,
                manifest.StoredBytes,
                made.Stores,
                made.FailedStores,
                manifest.DamagedPages,
                made.RereadPages,
                made.IsReadHere,
                Seconds = Math.Round(progress.Elapsed.TotalSeconds, 3),
                Phases = progress.PhaseSeconds,
            });
        }
        else
        {
            Console.WriteLine($"{manifest.Id}  {manifest.Kind.ToString().ToLowerInvariant()}, {ProgressBars.Bytes(manifest.FileBytes)} of files as {ProgressBars.Bytes(manifest.StoredBytes)} in {string.Join(", ", made.Stores)}, {progress.Elapsed.TotalSeconds:0.0} s");
            if (manifest.FullBecause is { } why)
            {
                Console.WriteLine($"A full one, because {why}.");
            }
        }
        foreach (var (store, cause) in made.FailedStores)
        {
            Console.Error.WriteLine($"NOT in store {store}: {cause}");
        }
        foreach (var page in manifest.DamagedPages)
        {
            Console.Error.WriteLine($"DAMAGED in the source: {page.Path} block {page.Block}");
        }
        return made.FailedStores.Count > 0 || manifest.State != BackupState.Good ? ExitCodes.Partly : ExitCodes.Done;
    }

    private static object Summary(CatalogueEntry entry) => new
    {
        entry.Manifest.Id,
        entry.Manifest.SystemId,
        entry.Manifest.Kind,
        entry.Manifest.State,
        entry.Manifest.ParentId,
        entry.Manifest.Logical?.Database,
        entry.Manifest.Timeline,
        entry.Manifest.StartLsn,
        entry.Manifest.StopLsn,
        entry.Manifest.StartedAt,
        entry.Manifest.StoppedAt,
        entry.Manifest.FileBytes,
        entry.Manifest.StoredBytes,
        Stores = entry.Stores.Select(s => s.Name),
    };

    private static void Print(CatalogueListing listing, IReadOnlyList<RestoreWindow> windows, IReadOnlyList<AchievedRpo> achieved)
    {
        var table = new Table().AddColumns("backup", "kind", "state", "ended (UTC)", "timeline", "end", "files", "stored", "stores");
        foreach (var (m, stores) in listing.Backups.Concat(listing.Logical))
        {
            table.AddRow(m.Id, Markup.Escape($"{m.Kind.ToString().ToLowerInvariant()}{(m.Logical is { } dump ? $" ({dump.Database})" : "")}"), m.State == BackupState.Good ? "good" : "[red]degraded[/]", $"{m.StoppedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}",
                $"{m.Timeline}", m.StopLsn.ToString(), ProgressBars.Bytes(m.FileBytes), ProgressBars.Bytes(m.StoredBytes), Markup.Escape(string.Join(", ", stores.Select(s => s.Name))));
        }
        if (Console.IsOutputRedirected)
        {
            // No terminal to fit into.
            AnsiConsole.Profile.Width = 200;
        }
        AnsiConsole.Write(table);
        foreach (var window in windows)
        {
            Console.WriteLine($"Cluster {window.SystemId}, timeline {window.Timeline}: restorable from {window.FromAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z ({window.From}) to {window.ToAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z ({window.To}){(window.Gap is null ? "" : $"; MISSING: {window.Gap}")}");
        }
        foreach (var rpo in achieved)
        {
            Console.WriteLine($"Achieved RPO of cluster {rpo.SystemId}, {rpo.Mode.ToString().ToLowerInvariant()}{(rpo.Database is { } name ? $" ({name})" : "")}: {rpo.Age.TotalSeconds:0} s, as of {rpo.RestorableTo.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");
        }
        listing.Faults.ToList().ForEach(f => Console.Error.WriteLine($"FAULT: {f}"));
    }
}
