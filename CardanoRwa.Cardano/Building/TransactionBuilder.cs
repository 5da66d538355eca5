namespace CardanoRwa.Cardano.Building;

/// <summary>
/// Turns a plan and a wallet's outputs into a balanced transaction: picks inputs, reckons the fee with every witness that
/// will stand there, makes change that the ledger accepts. Stateless but for its source of randomness; give each thread its own.
/// </summary>
public sealed class TransactionBuilder(ProtocolParameters parameters, BuilderOptions? options = null, Random? random = null)
{
    private readonly BuilderOptions options = options ?? new BuilderOptions();
    private readonly Random random = random ?? Random.Shared;

    public ProtocolParameters Parameters { get; } = parameters;

    /// <param name="available">Outputs that may be spent, each once. Those that cannot be (Byron, a script not in the plan) are passed over.</param>
    public BuildOutcome Build(TransactionPlan plan, IReadOnlyList<Utxo> available)
    {
        var context = PlanContext.Check(plan, Parameters, options.Encoding, out var failure);
        if (context is null) return failure!;
        foreach (var input in plan.Inputs)
        {
            if (IsReferenced(plan, input)) return PlanContext.Fail(BuildFailure.InputIsReferenced, $"Input {input.Input} cannot be spent and read by reference in one transaction.");
            if (!IsSpendable(context, input)) return PlanContext.Fail(BuildFailure.MissingScript, $"Input {input.Input} at {input.Output.Address} cannot be spent: its script is not in the plan, or it is a Byron address.");
        }

        var spendable = available.All(u => IsSelectable(context, u)) ? available : [.. available.Where(u => IsSelectable(context, u))];
        for (var swept = SweepCount(spendable); swept > 0; swept /= 2)
        {
            if (Attempt(context, spendable, Smallest(spendable, swept), random) is BuildOutcome.Built built) return built;
        }

        var outcome = Attempt(context, spendable, [], random);
        return outcome is BuildOutcome.Built || spendable.Count < 2 ? outcome : Attempt(context, spendable, [], null);
    }

    private BuildOutcome Attempt(PlanContext context, IReadOnlyList<Utxo> available, IReadOnlyList<Utxo> swept, Random? source)
    {
        var draft = new Draft(context, Parameters, options.Encoding);
        var chosen = swept.Count == 0 ? context.Plan.Inputs : [.. context.Plan.Inputs, .. swept.ExceptBy(context.Plan.Inputs.Select(static u => u.Input), static u => u.Input)];
        var selector = new CoinSelector(available, chosen, source, draft.RoomForInputs);
        return draft.Complete(selector);
    }

    private int SweepCount(IReadOnlyList<Utxo> available) =>
        available.Count > options.ConsolidateAbove && options.ConsolidateAtMost > 0 && available.Count(static u => u.Value.Tokens.IsEmpty) > options.ConsolidateAbove ? options.ConsolidateAtMost : 0;

    private static IReadOnlyList<Utxo> Smallest(IReadOnlyList<Utxo> available, int count) =>
        [.. available.Where(static u => u.Value.Tokens.IsEmpty).OrderBy(static u => u.Value.Coin).Take(count)];

    // A script read by reference costs a fee of its own and makes a copy among the witnesses an error: only by the plan's wish.
    private static bool IsSelectable(PlanContext context, Utxo utxo) => utxo.Output.ScriptReference is null && IsSpendable(context, utxo) && !IsReferenced(context.Plan, utxo);

    private static bool IsReferenced(TransactionPlan plan, Utxo utxo)
    {
        for (var i = 0; i < plan.ReferenceInputs.Count; i++)
        {
            if (plan.ReferenceInputs[i].Input == utxo.Input) return true;
        }

        return false;
    }

    private static bool IsSpendable(PlanContext context, Utxo utxo) =>
        utxo.Output.Address.Payment is { } payment && (!payment.IsScript || context.Script(payment.Hash) is not null);
}
