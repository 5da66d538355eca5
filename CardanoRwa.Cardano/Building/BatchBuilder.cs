namespace CardanoRwa.Cardano.Building;

/// <summary>Packs many orders into as few transactions as the size limit allows, each chained on the change of those before it.</summary>
public static class BatchBuilder
{
    private const int FirstProbe = 16;

    /// <param name="compose">The plan that carries out some of the orders together.</param>
    /// <param name="pool">What can be spent; carried forward over the transactions made.</param>
    public static BatchResult<T> Pack<T>(TransactionBuilder builder, IReadOnlyList<T> orders, Func<IReadOnlyList<T>, TransactionPlan> compose, UtxoPool pool, Predicate<Address>? owns = null)
    {
        var batches = new List<Batch<T>>();
        var rejected = new List<RejectedOrder<T>>();
        var probe = FirstProbe;
        for (var start = 0; start < orders.Count;)
        {
            var (batch, failure) = Next(builder, orders, start, probe, compose, pool.Available);
            if (batch is not null)
            {
                pool.Apply(batch.Transaction, owns);
                batches.Add(batch);
                start += batch.Orders.Count;
                probe = batch.Orders.Count;
            }
            else if (failure!.Reason is BuildFailure.InsufficientCoin or BuildFailure.InsufficientTokens or BuildFailure.ChangeBelowMinimum)
            {
                return new BatchResult<T>(batches, rejected, [.. orders.Skip(start)], failure);
            }
            else
            {
                rejected.Add(new RejectedOrder<T>(orders[start], failure));
                start++;
            }
        }

        return new BatchResult<T>(batches, rejected, [], null);
    }

    /// <summary>The longest run from <paramref name="start"/> that builds, found by doubling and then halving the gap.</summary>
    /// <param name="probe">How many to try first; the size of the batch before is a good guess.</param>
    /// <returns>The batch, or why not even one order builds.</returns>
    public static (Batch<T>? Batch, BuildOutcome.Failed? Failure) Next<T>(TransactionBuilder builder, IReadOnlyList<T> orders, int start, int probe, Func<IReadOnlyList<T>, TransactionPlan> compose, IReadOnlyList<Utxo> available)
    {
        var remaining = orders.Count - start;
        int fits = 0, fails = remaining + 1;
        Batch<T>? best = null;
        BuildOutcome.Failed? failure = null;
        for (probe = Math.Min(probe, remaining); fails - fits > 1; probe = fails > remaining ? Math.Min(fits * 2, remaining) : (fits + fails) / 2)
        {
            T[] run = [.. orders.Skip(start).Take(probe)];
            switch (builder.Build(compose(run), available))
            {
                case BuildOutcome.Built built:
                    (best, fits) = (new Batch<T>(run, built.Transaction), probe);
                    break;
                case BuildOutcome.Failed failed:
                    (failure, fails) = (failed, probe);
                    break;
            }
        }

        return (best, failure);
    }
}

public sealed record Batch<T>(IReadOnlyList<T> Orders, UnsignedTransaction Transaction);

public sealed record RejectedOrder<T>(T Order, BuildOutcome.Failed Failure);

/// <param name="Rejected">Orders that cannot be carried out even alone.</param>
/// <param name="Unfunded">Orders left when the wallet ran dry, for the reason in <paramref name="Shortage"/>.</param>
public sealed record BatchResult<T>(IReadOnlyList<Batch<T>> Batches, IReadOnlyList<RejectedOrder<T>> Rejected, IReadOnlyList<T> Unfunded, BuildOutcome.Failed? Shortage);
