namespace CardanoRwa.DevNet.Chain;

/// <summary>
/// Bytes of a block's body, which the ledger holds against maxBlockBodySize: <c>[bodies], [witness sets], {index => auxiliary data}, [invalid]</c>.
/// </summary>
internal readonly record struct BlockSize(int Count, int Auxiliaries, int Content)
{
    private const int EmptyList = 1;

    internal int Bytes => CborEncoder.HeadSize((ulong)Count) * 2 + CborEncoder.HeadSize((ulong)Auxiliaries) + EmptyList + Content;

    internal BlockSize With(Transaction transaction)
    {
        var content = Content + transaction.BodyBytes.Length + transaction.WitnessBytes.Length;
        return transaction.AuxiliaryData is null
            ? new(Count + 1, Auxiliaries, content)
            : new(Count + 1, Auxiliaries + 1, content + CborEncoder.HeadSize((ulong)Count) + transaction.AuxiliaryBytes.Length);
    }
}
