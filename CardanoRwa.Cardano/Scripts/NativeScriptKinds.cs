namespace CardanoRwa.Cardano.Scripts;

public sealed class RequireSignature(Hash28 keyHash) : NativeScript
{
    public Hash28 KeyHash { get; } = keyHash;
    public override IEnumerable<Hash28> KeyHashes => [KeyHash];
    public override bool Evaluate(ValidityInterval interval, IReadOnlySet<Hash28> signers) => signers.Contains(KeyHash);

    internal override void Write(CborEncoder encoder)
    {
        encoder.WriteArray(2);
        encoder.WriteUInt(NativeScriptCodec.Signature);
        encoder.WriteBytes(KeyHash.Bytes);
    }
}

public sealed class RequireAll(IReadOnlyList<NativeScript> scripts) : NativeScript
{
    public IReadOnlyList<NativeScript> Scripts { get; } = scripts;
    public override IEnumerable<Hash28> KeyHashes => Scripts.SelectMany(static s => s.KeyHashes);
    public override ValidityInterval RequiredInterval => Scripts.Aggregate(ValidityInterval.Always, static (all, s) => all.Intersect(s.RequiredInterval));
    public override bool Evaluate(ValidityInterval interval, IReadOnlySet<Hash28> signers) => Scripts.All(s => s.Evaluate(interval, signers));
    internal override void Write(CborEncoder encoder) => NativeScriptCodec.WriteList(encoder, NativeScriptCodec.All, Scripts);
}

public sealed class RequireAny(IReadOnlyList<NativeScript> scripts) : NativeScript
{
    public IReadOnlyList<NativeScript> Scripts { get; } = scripts;
    public override IEnumerable<Hash28> KeyHashes => Scripts.SelectMany(static s => s.KeyHashes);
    public override bool Evaluate(ValidityInterval interval, IReadOnlySet<Hash28> signers) => Scripts.Any(s => s.Evaluate(interval, signers));
    internal override void Write(CborEncoder encoder) => NativeScriptCodec.WriteList(encoder, NativeScriptCodec.Any, Scripts);
}

/// <param name="required">An int64 in the CDDL: 0 and less are satisfied by anything.</param>
public sealed class RequireAtLeast(long required, IReadOnlyList<NativeScript> scripts) : NativeScript
{
    public long Required { get; } = required;
    public IReadOnlyList<NativeScript> Scripts { get; } = scripts;
    public override IEnumerable<Hash28> KeyHashes => Scripts.SelectMany(static s => s.KeyHashes);
    public override bool Evaluate(ValidityInterval interval, IReadOnlySet<Hash28> signers) => Scripts.Count(s => s.Evaluate(interval, signers)) >= Required;

    internal override void Write(CborEncoder encoder)
    {
        encoder.WriteArray(3);
        encoder.WriteUInt(NativeScriptCodec.AtLeast);
        encoder.WriteInteger(Required);
        NativeScriptCodec.WriteItems(encoder, Scripts);
    }
}

public sealed class RequireAfter(ulong slot) : NativeScript
{
    public ulong Slot { get; } = slot;
    public override IEnumerable<Hash28> KeyHashes => [];
    public override ValidityInterval RequiredInterval => new(Slot, null);
    public override bool Evaluate(ValidityInterval interval, IReadOnlySet<Hash28> signers) => interval.InvalidBefore >= Slot;
    internal override void Write(CborEncoder encoder) => NativeScriptCodec.WriteLock(encoder, NativeScriptCodec.After, Slot);
}

public sealed class RequireBefore(ulong slot) : NativeScript
{
    public ulong Slot { get; } = slot;
    public override IEnumerable<Hash28> KeyHashes => [];
    public override ValidityInterval RequiredInterval => new(null, Slot);
    public override bool Evaluate(ValidityInterval interval, IReadOnlySet<Hash28> signers) => interval.InvalidHereafter <= Slot;
    internal override void Write(CborEncoder encoder) => NativeScriptCodec.WriteLock(encoder, NativeScriptCodec.Before, Slot);
}
