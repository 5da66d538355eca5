namespace CardanoRwa.Cardano.Scripts;

/// <summary>CBOR of <c>native_script</c> in the Conway CDDL.</summary>
internal static class NativeScriptCodec
{
    internal const ulong Signature = 0;
    internal const ulong All = 1;
    internal const ulong Any = 2;
    internal const ulong AtLeast = 3;
    internal const ulong After = 4;
    internal const ulong Before = 5;

    internal static NativeScript Read(ref CborDecoder reader)
    {
        var start = reader.Position;
        var fields = reader.ReadArray();
        var kind = reader.ReadUInt();
        var expected = kind == AtLeast ? 3 : 2;
        if (fields >= 0 && fields != expected) throw new CborFormatException($"A native script of kind {kind} has {expected} fields", start);
        NativeScript script = kind switch
        {
            Signature => new RequireSignature(new Hash28(reader.ReadFixedBytes(Hash28.Size))),
            All => new RequireAll(ReadItems(ref reader)),
            Any => new RequireAny(ReadItems(ref reader)),
            AtLeast => new RequireAtLeast(reader.ReadInt64(), ReadItems(ref reader)),
            After => new RequireAfter(reader.ReadUInt()),
            Before => new RequireBefore(reader.ReadUInt()),
            _ => throw new CborFormatException($"Unknown native script kind {kind}", start),
        };
        reader.EndRecord(fields);
        return script;
    }

    internal static void WriteList(CborEncoder encoder, ulong kind, IReadOnlyList<NativeScript> scripts)
    {
        encoder.WriteArray(2);
        encoder.WriteUInt(kind);
        WriteItems(encoder, scripts);
    }

    internal static void WriteItems(CborEncoder encoder, IReadOnlyList<NativeScript> scripts)
    {
        encoder.WriteArray(scripts.Count);
        foreach (var script in scripts) script.Write(encoder);
    }

    internal static void WriteLock(CborEncoder encoder, ulong kind, ulong slot)
    {
        encoder.WriteArray(2);
        encoder.WriteUInt(kind);
        encoder.WriteUInt(slot);
    }

    private static List<NativeScript> ReadItems(ref CborDecoder reader)
    {
        var scripts = new List<NativeScript>();
        for (var items = reader.ReadArray(); reader.More(ref items);) scripts.Add(Read(ref reader));
        return scripts;
    }
}
