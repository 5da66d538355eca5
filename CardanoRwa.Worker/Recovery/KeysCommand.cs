using System.CommandLine;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Worker.Recovery;

internal static class KeysCommand
{
    public static Command Create()
    {
        var command = new Command("keys", "The keys that backups are sealed with.");
        command.Subcommands.Add(New());
        command.Subcommands.Add(Rotate());
        command.Subcommands.Add(Check());
        return command;
    }

    private static Command New()
    {
        var file = new Option<string?>("--file") { Description = "Save the private key here, readable by its owner only. Without it, it is printed once, for paper." };
        var command = new Command("new", "Makes a key pair. Make two: one in a file where restores run, one on paper in a safe.") { file, CommonOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var identity = Identity.New();
            if (parsed.GetValue(file) is { } path && (await identity.SaveAsync(path, cancellationToken)).IsRefused(out var refusal, out _))
            {
                return ExitCodes.Report(refusal);
            }
            var paper = parsed.GetValue(file) is null ? identity.ToPaper() : null;
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(new { identity.Recipient.Id, PublicKey = identity.Recipient.ToString(), File = parsed.GetValue(file), RecoveryKey = paper });
                return ExitCodes.Done;
            }
            Console.WriteLine($"Public key, for Recovery:Recipients:\n  {identity.Recipient}");
            if (paper is not null)
            {
                Console.WriteLine("Recovery key. Print it, lock it away; it is not shown again:");
                foreach (var line in paper.Split('-').Chunk(5))
                {
                    Console.WriteLine($"  {string.Join('-', line)}");
                }
            }
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Rotate()
    {
        var command = new Command("rotate", "Wraps every data key anew for the recipients configured now. Data stay as they are; who is no recipient any more cannot open the newest wrapping.")
        {
            CommonOptions.RecoveryKey, CommonOptions.Json,
        };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: true, async host =>
        {
            if ((await host.Keys.RewrapAsync(host.Recipients, cancellationToken)).IsRefused(out var refusal, out var count))
            {
                return ExitCodes.Report(refusal);
            }
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(new { Rewrapped = count, Recipients = host.Recipients.Select(r => r.Id) });
            }
            else
            {
                Console.WriteLine($"{count} data keys wrapped anew for {string.Join(", ", host.Recipients.Select(r => r.Id))}.");
            }
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Check()
    {
        var command = new Command("check", "Tries the key at hand on every data key in the stores.") { CommonOptions.RecoveryKey, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: false, async host =>
        {
            var report = await host.Keys.CheckAsync(cancellationToken);
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(report);
            }
            else
            {
                Console.WriteLine($"{report.Opened.Count} data keys open, {report.Unopened.Count} do not, {report.SingleRecipient.Count} hang on a single recipient.");
                report.Unopened.ForEach(k => Console.WriteLine($"  does not open: {k}"));
            }
            return report.Unopened.Count == 0 ? ExitCodes.Done : ExitCodes.Damaged;
        }, cancellationToken));
        return command;
    }
}
