namespace CardanoRwa.DevNet.Ledger;

/// <summary>A transaction with what can be known of it without the ledger. Signatures are by far the dearest check, so they are verified here, outside of any lock.</summary>
public sealed class Candidate
{
    private Candidate(Transaction transaction, IReadOnlyList<VKeyWitness> wrong)
    {
        Transaction = transaction;
        WrongSignatures = wrong;
        Signers = transaction.Witnesses.VKeys.Select(static w => w.Key.Hash).ToHashSet();
    }

    public Transaction Transaction { get; }
    public Hash32 Id => Transaction.Id;
    public IReadOnlyList<VKeyWitness> WrongSignatures { get; }

    /// <summary>Whoever is among the witnesses, rightly or not: the ledger counts these for scripts and reports wrong ones apart.</summary>
    public IReadOnlySet<Hash28> Signers { get; }

    public static Candidate Verify(Transaction transaction)
    {
        List<VKeyWitness>? wrong = null;
        foreach (var witness in transaction.Witnesses.VKeys)
        {
            if (!witness.Verify(transaction.Id)) (wrong ??= []).Add(witness);
        }

        return new Candidate(transaction, wrong is null ? [] : wrong);
    }

    /// <summary>For bytes that were verified before: those of the log, and of blocks that were rolled back.</summary>
    internal static Candidate Trust(Transaction transaction) => new(transaction, []);
}
