using System.CommandLine;
using System.Text.Json;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Minting.Reconciling;
using CardanoRwa.Worker.ChainSnapshots;

namespace CardanoRwa.Worker.Verbs;

internal static class ChainCommand
{
    private const int DifferencesRemain = 2;

    public static Command Create()
    {
        var command = new Command("chain", "The registry and the chain.");
        command.Subcommands.Add(Reconcile());
        command.Subcommands.Add(SnapshotCommand.Create());
        return command;
    }

    private static Command Reconcile()
    {
        var apply = new Option<bool>("--apply") { Description = "Take in what the chain has and the registry lacks, and let minting go on; without it nothing is changed." };
        var wait = new Option<bool>("--wait") { Description = "After a restore: run again until nothing sent before the loss can land any more." };
        var skip = new Option<bool>("--skip-wait") { Description = "After a restore: take your word that nothing sent before the loss is on its way." };
        var json = new Option<bool>("--json") { Description = "Print the report as JSON." };
        var command = new Command("reconcile", "Compares the registry with the chain, as after a restore. Needs the minting worker's settings. Exit code 0: they agree; 2: differences remain; 1: it could not be done.") { apply, wait, skip, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(apply), parsed.GetValue(wait), parsed.GetValue(skip), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool apply, bool wait, bool skipWait, bool json, CancellationToken cancellationToken)
    {
        using var host = WorkerCommands.Host(builder =>
        {
            if (builder.Configuration.CanMint())
            {
                builder.AddMintProcessing().AddEvidence();
            }
        });
        if (host.Services.GetService<IServiceProviderIsService>()?.IsService(typeof(Reconciler)) != true)
        {
            return WorkerCommands.Report(new(Core.RefusalKind.Conflict, "wallet_not_configured", "There is no wallet or no chain in the settings.", "Give the minting worker's settings: Chain:Url, and Minting:MnemonicFile or its kin."));
        }
        try
        {
            while (true)
            {
                await using var scope = host.Services.CreateAsyncScope();
                var result = await scope.ServiceProvider.GetRequiredService<Reconciler>().RunAsync(apply, skipWait, line => Console.Error.WriteLine(line), cancellationToken);
                if (result.IsRefused(out var refusal, out var report))
                {
                    return WorkerCommands.Report(refusal);
                }
                if (!wait || report.Remaining.All(f => f.Code != ReconcileFinding.InFlightPossible))
                {
                    Print(report, apply, json);
                    return report.Remaining.Count == 0 ? 0 : DifferencesRemain;
                }
                await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            }
        }
        catch (ProviderException e)
        {
            await Console.Error.WriteLineAsync($"chain_unavailable: {e.Message}");
            return 1;
        }
    }

    private static void Print(ReconcileReport report, bool apply, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(report, JsonSerializerOptions.Web));
            return;
        }
        foreach (var (finding, mark) in report.Applied.Select(f => (f, "mended")).Concat(report.Remaining.Select(f => (f, "open  "))))
        {
            Console.WriteLine($"{mark}  {finding.Code}  {finding.Subject}\n        {finding.Detail}\n        {finding.Action}");
        }
        Console.WriteLine(report.Remaining.Count == 0 ? "Registry and chain agree." : $"{report.Remaining.Count} differences remain.{(apply ? "" : " --apply mends what can be mended.")}");
        Console.WriteLine(report.HaltLifted ? "Minting goes on." : report.Halted is { } code ? $"Minting is halted: {code}." : "Minting is not halted.");
    }
}
