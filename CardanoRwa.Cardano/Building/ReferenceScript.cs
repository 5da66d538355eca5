namespace CardanoRwa.Cardano.Building;

/// <summary>Scripts kept in outputs, to be read by reference.</summary>
internal static class ReferenceScript
{
    private const ulong Native = 0;

    /// <summary>The native script of an output; null if it has none, or one of Plutus.</summary>
    internal static NativeScript? Read(TxOut output)
    {
        if (output.ScriptReference is not { } cbor) return null;
        var reader = new CborDecoder(cbor.Span);
        var pair = reader.ReadRecord(2);
        if (reader.ReadUInt() != Native) return null;
        var script = NativeScript.Read(ref reader);
        reader.EndRecord(pair);
        return script;
    }
}
