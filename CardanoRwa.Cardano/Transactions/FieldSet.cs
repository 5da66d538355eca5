namespace CardanoRwa.Cardano.Transactions;

/// <summary>The keys met in a map of small integers; the ledger refuses one that stands twice.</summary>
internal ref struct FieldSet
{
    private ulong seen;

    public ulong Next(ref CborDecoder reader)
    {
        var key = reader.ReadUInt(63);
        if ((seen & (1UL << (int)key)) != 0) throw reader.Error($"Field {key} stands twice");
        seen |= 1UL << (int)key;
        return key;
    }

    public readonly bool Has(ulong key) => (seen & (1UL << (int)key)) != 0;
}
