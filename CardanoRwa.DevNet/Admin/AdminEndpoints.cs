using CardanoRwa.DevNet.Blockfrost;
using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Faults;

namespace CardanoRwa.DevNet.Admin;

/// <summary>What only a development chain can do. These are never struck by faults.</summary>
internal static class AdminEndpoints
{
    private const int MaxOutputs = 200;
    private const int MaxBlocks = 10_000;

    internal static RouteGroupBuilder MapAdmin(this RouteGroupBuilder admin)
    {
        admin.MapGet("/state", static (Node node, FaultPlan plan, FaultScript script) => ChainState.Of(node, plan, script));
        admin.MapPost("/faucet", Grant);
        admin.MapPost("/blocks", MakeBlocksAsync);
        admin.MapPost("/rollback", Rollback);
        admin.MapPost("/mode", SetMode);
        admin.MapPost("/time", SetTime);
        admin.MapGet("/faults", static (FaultPlan plan) => plan.Active);
        admin.MapPost("/faults", AddFault);
        admin.MapDelete("/faults", ClearFaults);
        admin.MapPost("/script", AddScript);
        admin.MapPost("/reset", Reset);
        admin.MapFallback(static () => ApiError.BadRequest("No such command; or it takes a body, which is application/json."));
        return admin;
    }

    private static IResult Grant(FaucetOrder order, Node node)
    {
        if (!Address.TryParse(order.Address, out var address) || address.Network != CardanoNetwork.Testnet || address.Kind == AddressKind.Stake) return ApiError.InvalidAddress();
        if (order.Outputs is < 1 or > MaxOutputs) return ApiError.BadRequest($"outputs is between 1 and {MaxOutputs}.");
        if (order.Lovelace is 0 or > Genesis.Supply / 100) return ApiError.BadRequest($"lovelace is between 1 and {Genesis.Supply / 100}.");
        switch (node.Grant(new FaucetRequest(address, order.Lovelace, order.Outputs)))
        {
            case SubmitOutcome.Accepted accepted:
                if (order.Confirm) node.Forge();
                return Results.Json(new { TxHash = accepted.Id.ToString() });
            case SubmitOutcome.Malformed malformed:
                return ApiError.BadRequest(malformed.Error);
            case SubmitOutcome.Refused refused:
                return ApiError.BadRequest(SubmitErrors.Refused(refused.Faults));
            default:
                return ApiError.Of(425, "Mempool Full", "Mempool is full, please try resubmitting again later.");
        }
    }

    // The body may be left out, and then there is no media type to choose this endpoint by.
    private static async Task<IResult> MakeBlocksAsync(HttpRequest request, Node node)
    {
        var count = request.HasJsonContentType() ? (await request.ReadFromJsonAsync<BlockOrder>(request.HttpContext.RequestAborted))?.Count ?? 1 : 1;
        if (count is < 1 or > MaxBlocks) return ApiError.BadRequest($"count is between 1 and {MaxBlocks}.");
        return Results.Json(node.Forge(count).Select(static b => new { b.Height, Hash = b.Hash.ToString(), b.Slot, TxCount = b.Transactions.Count }));
    }

    private static IResult Rollback(RollbackOrder order, Node node) =>
        order.Blocks < 1 ? ApiError.BadRequest("blocks is 1 or more.") : Results.Json(new { RolledBack = node.Rollback(order.Blocks, order.Fate) });

    private static IResult SetMode(ModeOrder order, Node node)
    {
        if (order.EveryMs is < 10 or > 3_600_000) return ApiError.BadRequest("every_ms is between 10 and 3600000.");
        node.SetPace(order.Mode, order.EveryMs);
        return Results.Json(new { node.Mode, EveryMs = node.BlockEveryMilliseconds });
    }

    private static IResult SetTime(TimeOrder order, Node node)
    {
        if (order.Speed is <= 0 or > 100_000 || order.SkipSlots > 1_000_000_000) return ApiError.BadRequest("speed is between 0 and 100000, skip_slots at most 1000000000.");
        node.ChangeClock(order.SkipSlots, order.Speed);
        return Results.Json(node.Read(static view => new { view.Clock.Slot, view.Clock.Speed }));
    }

    private static IResult AddFault(FaultRule rule, FaultPlan plan)
    {
        if (rule.Refusal() is { } refusal) return ApiError.BadRequest(refusal);
        plan.Add(rule);
        return Results.Json(plan.Active);
    }

    private static IResult ClearFaults(FaultPlan plan, FaultScript script)
    {
        plan.Clear();
        script.Clear();
        return Results.Json(plan.Active);
    }

    private static IResult AddScript(IReadOnlyList<ScriptStep> steps, FaultScript script)
    {
        foreach (var (i, step) in steps.Index())
        {
            if (step.AfterMs < 0 || step.Blocks < 0 || step.Rollback?.Blocks < 1) return ApiError.BadRequest($"Step {i}: after_ms and blocks are not negative; a rollback has 1 block or more.");
            if (step.Fault?.Refusal() is { } refusal) return ApiError.BadRequest($"Step {i}: {refusal}");
        }

        script.Add(steps);
        return Results.Json(new { StepsLeft = script.Left });
    }

    private static IResult Reset(Node node, FaultPlan plan, FaultScript script)
    {
        script.Clear();
        plan.Clear();
        node.Reset();
        return Results.Json(new { Reset = true });
    }
}

/// <param name="Lovelace">To each of the outputs.</param>
/// <param name="Confirm">Make a block at once.</param>
internal sealed record FaucetOrder(string Address, ulong Lovelace = 1_000_000_000, int Outputs = 1, bool Confirm = false);

internal sealed record BlockOrder(int Count = 1);

internal sealed record ModeOrder(BlockMode Mode, int? EveryMs = null);

/// <param name="Speed">Slots a second.</param>
internal sealed record TimeOrder(ulong SkipSlots = 0, double? Speed = null);
