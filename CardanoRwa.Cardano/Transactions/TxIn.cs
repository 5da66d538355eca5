namespace CardanoRwa.Cardano.Transactions;

/// <summary>A reference to an output: the transaction that made it and its place there. Ordered as the ledger orders a set of inputs.</summary>
public readonly record struct TxIn(Hash32 TransactionId, ushort Index) : IComparable<TxIn>
{
    public int CompareTo(TxIn other) => TransactionId.CompareTo(other.TransactionId) is var order && order != 0 ? order : Index.CompareTo(other.Index);

    /// <summary>The form of cardano-cli: <c>txid#index</c>.</summary>
    public override string ToString() => $"{TransactionId}#{Index}";

    public static bool operator <(TxIn left, TxIn right) => left.CompareTo(right) < 0;
    public static bool operator >(TxIn left, TxIn right) => left.CompareTo(right) > 0;
    public static bool operator <=(TxIn left, TxIn right) => left.CompareTo(right) <= 0;
    public static bool operator >=(TxIn left, TxIn right) => left.CompareTo(right) >= 0;

    public static TxIn Parse(string text)
    {
        var mark = text.IndexOf('#', StringComparison.Ordinal);
        return mark > 0 && Hash32.TryParse(text[..mark], out var id) && ushort.TryParse(text.AsSpan(mark + 1), out var index)
            ? new TxIn(id, index)
            : throw new FormatException($"Expected txid#index: '{text}'.");
    }

    internal void Write(CborEncoder encoder)
    {
        encoder.WriteArray(2);
        encoder.WriteBytes(TransactionId.Bytes);
        encoder.WriteUInt(Index);
    }

    internal static TxIn Read(ref CborDecoder reader)
    {
        var pair = reader.ReadRecord(2);
        var input = new TxIn(new Hash32(reader.ReadFixedBytes(Hash32.Size)), (ushort)reader.ReadUInt(ushort.MaxValue));
        reader.EndRecord(pair);
        return input;
    }
}
