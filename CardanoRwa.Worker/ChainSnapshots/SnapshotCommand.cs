using System.CommandLine;
using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Minting;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Worker.Recovery;
using CardanoRwa.Worker.Verbs;

namespace CardanoRwa.Worker.ChainSnapshots;

/// <summary>'chain snapshot': only 'now' needs the database and the chain.</summary>
internal static class SnapshotCommand
{
    public static Command Create()
    {
        var command = new Command("snapshot", "What the chain and the registry say, daily, sealed into the stores and onto IPFS.");
        command.Subcommands.Add(Now());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Verify());
        command.Subcommands.Add(Diff());
        return command;
    }

    private static Command Now()
    {
        var anchor = new Option<bool>("--anchor") { Description = "Ask the minting worker to put its root on the chain." };
        var command = new Command("now", "Takes one, and removes those older than 90 days.") { anchor, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: true, async host =>
        {
            using var registry = WorkerCommands.Host(builder =>
            {
                if (builder.Configuration.CanMint())
                {
                    builder.AddMintProcessing().AddChainSnapshots();
                }
                builder.AddEvidence();
            });
            if (registry.Services.GetService<IServiceProviderIsService>()?.IsService(typeof(ChainSnapshotWriter)) != true)
            {
                return ExitCodes.Report(new RecoveryRefusal("snapshot.no-chain", "There is no wallet or no chain in the settings.", "Give the minting worker's settings: Chain:Url, and Minting:MnemonicFile or its kin."));
            }
            await using var scope = registry.Services.CreateAsyncScope();
            var system = await ChainSnapshotSchedule.SystemIdAsync(host.Configuration.GetConnectionString("rwadb")!, cancellationToken);
            var shelf = new SnapshotShelf(host.Stores, host.Keys, host.Clock);
            var pins = registry.Services.GetRequiredService<PinServices>().Create();
            var failures = 0;
            var record = await shelf.TakeAsync(scope.ServiceProvider.GetRequiredService<ChainSnapshotWriter>(), pins, system, (store, cause) =>
            {
                failures++;
                Console.Error.WriteLine($"NOT in store {store}: {cause}");
            }, cancellationToken);
            var removed = await shelf.ExpireAsync(system, pins, (id, cause) => Console.Error.WriteLine($"{id} is old and stays for now: {cause}"), cancellationToken);
            if (parsed.GetValue(anchor))
            {
                await scope.ServiceProvider.GetRequiredService<AnchorDesk>().RequestAsync(record.Id, record.Summary.Root, record.Summary.Header.Block.Height, cancellationToken);
            }
            await SnapshotReports.PutAsync(scope.ServiceProvider, await shelf.ListAsync(system, cancellationToken), cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(record);
            }
            else
            {
                Print(record);
                removed.ToList().ForEach(r => Console.WriteLine($"Removed {r}."));
            }
            return failures > 0 || record.PinFault is not null ? ExitCodes.Partly : ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the snapshots in the stores.") { CommonOptions.SystemId, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(null, needsRecipients: false, async host =>
        {
            var records = await new SnapshotShelf(host.Stores, host.Keys, host.Clock).ListAsync(parsed.GetValue(CommonOptions.SystemId), cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(records);
            }
            else
            {
                records.ToList().ForEach(Print);
            }
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("id");
        var command = new Command("show", "Writes a snapshot's lines to standard output; needs the key.") { id, CommonOptions.RecoveryKey };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: false, host => WithFileAsync(host, parsed.GetRequiredValue(id), async (_, file) =>
        {
            await using var output = Console.OpenStandardOutput();
            await file.CopyToAsync(output, cancellationToken);
            return ExitCodes.Done;
        }, cancellationToken), cancellationToken));
        return command;
    }

    private static Command Verify()
    {
        var what = new Argument<string>("id-or-file") { Description = "A snapshot in the stores, or a file of its lines; a file needs neither store nor key." };
        var root = new Option<string?>("--root") { Description = "The root as known from elsewhere, such as the record beside the snapshot." };
        var anchor = new Option<string?>("--anchor") { Description = "The transaction that carries the root: compare with the chain too; needs --provider." };
        var provider = new Option<Uri?>("--provider") { CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) ? address : null, Description = "A Blockfrost API, such as https://cardano-mainnet.blockfrost.io/api/v0." };
        var project = new Option<string?>("--project-id") { Description = "Blockfrost's project id." };
        var command = new Command("verify", "Computes the Merkle root anew. Exit code 0: nothing was changed; 3: something was.") { what, root, anchor, provider, project, CommonOptions.RecoveryKey };
        command.SetAction((parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(what);
            var chain = parsed.GetValue(anchor) is { } transaction ? new AnchorQuestion(transaction, parsed.GetValue(provider), parsed.GetValue(project)) : null;
            if (chain is { Provider: null })
            {
                return Task.FromResult(ExitCodes.Report(new RecoveryRefusal("snapshot.no-provider", "There is no chain to ask for the anchor.", "Give --provider with a Blockfrost API's address.")));
            }
            return File.Exists(name)
                ? VerifyFileAsync(name, parsed.GetValue(root), chain, cancellationToken)
                : RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: false, host => VerifyStoredAsync(host, name, parsed.GetValue(root), chain, cancellationToken), cancellationToken);
        });
        return command;
    }

    private static Command Diff()
    {
        var (older, newer) = (new Argument<string>("older"), new Argument<string>("newer"));
        var command = new Command("diff", "Lines of the one that the other lacks: - gone, + new.") { older, newer, CommonOptions.RecoveryKey };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: false, host =>
            WithFileAsync(host, parsed.GetRequiredValue(older), (_, before) => WithFileAsync(host, parsed.GetRequiredValue(newer), async (_, after) =>
            {
                foreach (var line in await SnapshotFile.DiffAsync(before, after, cancellationToken))
                {
                    Console.WriteLine(line);
                }
                return ExitCodes.Done;
            }, cancellationToken), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> VerifyFileAsync(string path, string? root, AnchorQuestion? chain, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var found = await SnapshotFile.VerifyAsync(file, root, cancellationToken);
        return Math.Max(Report(path, found), await AskAsync(chain, found.Root!, cancellationToken));
    }

    private static Task<int> AskAsync(AnchorQuestion? chain, string root, CancellationToken cancellationToken) =>
        chain is null ? Task.FromResult(ExitCodes.Done) : AnchorCheck.RunAsync(root, chain.Transaction, chain.Provider!, chain.ProjectId, cancellationToken);

    private sealed record AnchorQuestion(string Transaction, Uri? Provider, string? ProjectId);

    /// <summary>In every store, so that each copy is known to be good.</summary>
    private static async Task<int> VerifyStoredAsync(RecoveryHost host, string id, string? root, AnchorQuestion? chain, CancellationToken cancellationToken)
    {
        var shelf = new SnapshotShelf(host.Stores, host.Keys, host.Clock);
        if (await FindAsync(shelf, id, cancellationToken) is not { } record)
        {
            return ExitCodes.Report(None(id));
        }
        var worst = ExitCodes.Done;
        foreach (var store in host.Stores)
        {
            if ((await shelf.OpenAsync(record, store, cancellationToken)).IsRefused(out var refusal, out var file))
            {
                worst = Math.Max(worst, ExitCodes.Report(refusal));
                continue;
            }
            await using (file)
            {
                try
                {
                    worst = Math.Max(worst, Report($"{store.Name}: {record.Id}", await SnapshotFile.VerifyAsync(file, root ?? record.Summary.Root, cancellationToken)));
                }
                catch (DamagedObjectException e)
                {
                    await Console.Error.WriteLineAsync($"{store.Name}: {e.Message}");
                    worst = ExitCodes.Damaged;
                }
            }
        }
        return Math.Max(worst, await AskAsync(chain, record.Summary.Root, cancellationToken));
    }

    private static async Task<int> WithFileAsync(RecoveryHost host, string id, Func<SnapshotRecord, Stream, Task<int>> action, CancellationToken cancellationToken)
    {
        var shelf = new SnapshotShelf(host.Stores, host.Keys, host.Clock);
        if (await FindAsync(shelf, id, cancellationToken) is not { } record)
        {
            return ExitCodes.Report(None(id));
        }
        RecoveryRefusal? last = null;
        foreach (var store in host.Stores)
        {
            if (!(await shelf.OpenAsync(record, store, cancellationToken)).IsRefused(out last, out var file))
            {
                await using (file)
                {
                    return await action(record, file);
                }
            }
        }
        return ExitCodes.Report(last!);
    }

    private static async Task<SnapshotRecord?> FindAsync(SnapshotShelf shelf, string id, CancellationToken cancellationToken) =>
        (await shelf.ListAsync(null, cancellationToken)).FirstOrDefault(r => r.Id == id);

    private static RecoveryRefusal None(string id) => new("snapshot.none", $"There is no snapshot or file {id}.", "'chain snapshot list' shows the snapshots.");

    private static int Report(string what, (string? Root, IReadOnlyList<string> Faults) found)
    {
        Console.WriteLine($"{what}: {(found.Faults.Count == 0 ? $"good, root {found.Root}" : "CHANGED")}");
        found.Faults.ToList().ForEach(f => Console.WriteLine($"  {f}"));
        return found.Faults.Count == 0 ? ExitCodes.Done : ExitCodes.Damaged;
    }

    private static void Print(SnapshotRecord record)
    {
        var s = record.Summary;
        Console.WriteLine($"{record.Id}  block {s.Header.Block.Height}, log {s.Header.Lsn}, {s.Policies} policies, {s.Units} tokens, {s.Holders} holders, {s.Transactions} transactions, {s.Rows} rows, root {s.Root}, {(record.PinnedAs is { } pinned ? $"ipfs {pinned}" : $"not on IPFS{(record.PinFault is null ? "" : $": {record.PinFault}")}")}");
    }
}
