using System.CommandLine;
using System.CommandLine.Parsing;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Failover;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Worker.Recovery;

namespace CardanoRwa.Worker.Failover;

internal static class FailoverDrillCommand
{
    public static Command Create()
    {
        var confirmed = new Option<bool>("--yes-kill-the-primary") { Description = "It is killed for real, again and again, with whatever writes to it." };
        var rounds = new Option<int>("--rounds") { Description = "How often.", DefaultValueFactory = _ => 1 };
        var synchronous = new Option<bool>("--synchronous") { Description = "Only while commits wait for the standby; then one acknowledged write lost fails the drill." };
        var api = new Option<Uri?>("--api")
        {
            CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) ? address : Invalid(result),
            Description = "Also write through the Api at this address, and measure its first write. What it writes stays in the registry.",
        };
        var apiKey = new Option<string?>("--api-key") { Description = "An issuer's key for it.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("RWA_API_KEY") };
        var settle = new Option<double>("--settle") { Description = "Seconds of writes before the first kill.", DefaultValueFactory = _ => 10 };
        var command = new Command("failover", "Kills the primary of a pair on this machine, fences it, promotes the standby, waits until the old primary follows; measures, and counts acknowledged writes that are lost. Exit code 0: passed; 3: it found something.")
        {
            confirmed, rounds, synchronous, api, apiKey, settle, CommonOptions.Json,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(confirmed))
            {
                return Task.FromResult(ExitCodes.Report(new RecoveryRefusal("failover.unconfirmed", "This kills the primary of the configured database.", "Say so: --yes-kill-the-primary. Not against a pair that others use.")));
            }
            return RecoveryHost.RunAsync(null, needsRecipients: true, async host =>
            {
                if (host.Configuration.GetConnectionString("rwadb") is not { } database)
                {
                    return ExitCodes.Report(new RecoveryRefusal("failover.no-database", "No database is configured.", "Set the connection string 'rwadb' (environment: ConnectionStrings__rwadb)."));
                }
                var request = new FailoverDrillRequest(parsed.GetValue(rounds), parsed.GetValue(synchronous), parsed.GetValue(api), parsed.GetValue(apiKey), TimeSpan.FromSeconds(parsed.GetValue(settle)),
                    host.Configuration[$"{WalOptions.Section}:{nameof(WalOptions.Slot)}"] ?? new WalOptions().Slot, "command-line");
                if ((await new FailoverDrill(database, request, host.Clock, line => Console.Error.WriteLine(line)).RunAsync(cancellationToken)).IsRefused(out var refusal, out var report))
                {
                    return ExitCodes.Report(refusal);
                }
                report = await new FailoverReports(host.Stores, host.Keys).WriteAsync(report, (store, fault) => Console.Error.WriteLine($"NOT in store {store}: {fault}"), cancellationToken);
                if (parsed.GetValue(CommonOptions.Json))
                {
                    CommonOptions.PrintJson(report);
                }
                else
                {
                    Console.Write(report.ToMarkdown());
                }
                return report.Passed ? ExitCodes.Done : ExitCodes.Damaged;
            }, cancellationToken);
        });
        return command;
    }

    private static Uri? Invalid(ArgumentResult result)
    {
        result.AddError($"'{result.Tokens[0].Value}' is no address.");
        return null;
    }
}
