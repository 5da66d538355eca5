using System.CommandLine;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Failover;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Worker.Recovery;
using Npgsql;

namespace CardanoRwa.Worker.Failover;

/// <summary>A pair of two has no third to vote, so nothing is promoted by itself: a person says that the old primary is dead.</summary>
internal static class FailoverCommand
{
    public static Command Create()
    {
        var command = new Command("failover", "A pair of databases: how it stands, and promoting the standby by hand. Where a cluster manager exists (CloudNativePG, Azure), it does this.");
        command.Subcommands.Add(Status());
        command.Subcommands.Add(Promote());
        return command;
    }

    private static Command Status()
    {
        var command = new Command("status", "Asks each server. Exit code 0: one primary, and a standby follows it; 2: anything else.") { CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => WithServersAsync(async (servers, _) =>
        {
            var states = new List<(PairServer Server, PairServerState? State, string? Fault)>();
            foreach (var server in servers)
            {
                var (state, fault) = await server.AskAsync(cancellationToken);
                states.Add((server, state, fault));
            }
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(states.Select(s => new { Server = s.Server.Name, s.State, s.Fault }).ToList());
            }
            else
            {
                states.ForEach(s => Console.WriteLine($"{s.Server.Name}  {Words(s.State, s.Fault)}"));
            }
            return states.Count(s => s.State is { IsStandby: false }) == 1 && states.Exists(s => s.State is { IsStandby: true }) && states.Exists(s => s.State?.Followers is not null) ? ExitCodes.Done : ExitCodes.Partly;
        }));
        return command;
    }

    private static Command Promote()
    {
        var dead = new Option<bool>("--yes-the-old-primary-is-dead") { Description = "You have made sure that it is off and stays off: its machine is down, or cut from the network, or its process is gone and does not start again." };
        var loss = new Option<bool>("--accept-loss") { Description = "Promote a standby that commits did not wait for." };
        var command = new Command("promote", "Makes the standby the primary. Refused while another server answers, or as much as listens.") { dead, loss, CommonOptions.Json };
        command.SetAction((parsed, cancellationToken) => WithServersAsync(async (servers, configuration) =>
        {
            var promotion = new Promotion(servers, TimeProvider.System);
            if ((await promotion.ChooseAsync(parsed.GetValue(loss), cancellationToken)).IsRefused(out var refusal, out var standby))
            {
                return ExitCodes.Report(refusal);
            }
            if (!parsed.GetValue(dead))
            {
                return ExitCodes.Report(new RecoveryRefusal("failover.unconfirmed", $"{standby.Name} would become the primary. Nothing was done.", "Make sure that the old primary cannot come back, then say so: --yes-the-old-primary-is-dead."));
            }
            var began = TimeProvider.System.GetTimestamp();
            await Promotion.OrderAsync(standby, configuration[$"{WalOptions.Section}:{nameof(WalOptions.Slot)}"] ?? new WalOptions().Slot, cancellationToken);
            if (!await promotion.WaitAsync(standby, cancellationToken))
            {
                Console.Error.WriteLine($"{standby.Name} has taken the order and is still no primary.");
                return ExitCodes.Unavailable;
            }
            Console.WriteLine($"{standby.Name} takes writes, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.00} s after the order. Make the old primary a standby of it before it starts again: docs/runbooks/failover.md.");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static string Words(PairServerState? state, string? fault) => state switch
    {
        null => $"does not answer: {fault}",
        { IsStandby: true } => $"standby, timeline {state.Timeline}, has the log up to {state.End}, {(state.Receiving is { } receiving ? receiving : "receives nothing")}{(state.HasAll ? ", commits wait for it" : "")}",
        _ => $"primary, timeline {state.Timeline}, at {state.End}, {(state.Followers is { } followers ? $"followed by {followers}" : "nobody follows it")}",
    };

    private static async Task<int> WithServersAsync(Func<IReadOnlyList<PairServer>, IConfiguration, Task<int>> verb)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        if (configuration.GetConnectionString("rwadb") is not { } connectionString)
        {
            return ExitCodes.Report(new RecoveryRefusal("failover.no-database", "No database is configured.", "Set the connection string 'rwadb' (environment: ConnectionStrings__rwadb)."));
        }
        try
        {
            return await verb(PairServer.Of(connectionString), configuration);
        }
        catch (NpgsqlException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.Unavailable;
        }
    }
}
