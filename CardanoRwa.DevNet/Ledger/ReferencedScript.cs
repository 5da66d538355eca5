namespace CardanoRwa.DevNet.Ledger;

/// <summary>A script kept in an output: <c>[0, native_script] / [1..3, bytes]</c>.</summary>
/// <param name="Native">Null for Plutus.</param>
/// <param name="Size">Bytes of the script itself, without the array around it: what its fee is reckoned from.</param>
internal readonly record struct ReferencedScript(Hash28 Hash, NativeScript? Native, int Size)
{
    private const ulong NativeLanguage = 0;

    internal static ReferencedScript? Of(TxOut output)
    {
        if (output.ScriptReference is not { } cbor) return null;
        try
        {
            var reader = new CborDecoder(cbor.Span);
            var pair = reader.ReadRecord(2);
            var language = reader.ReadUInt(3);
            if (language == NativeLanguage)
            {
                var script = NativeScript.Read(ref reader);
                reader.EndRecord(pair);
                return new(script.Hash, script, script.Bytes.Length);
            }

            var plutus = reader.ReadBytes();
            return new(Blake2b.Hash224([(byte)language, .. plutus]), null, plutus.Length);
        }
        catch (CborFormatException)
        {
            return null;
        }
    }
}
