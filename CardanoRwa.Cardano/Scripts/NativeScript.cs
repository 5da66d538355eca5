using System.Runtime.CompilerServices;

namespace CardanoRwa.Cardano.Scripts;

/// <summary>
/// A native (timelock) script. Immutable; a decoded one keeps its original bytes, since its hash is taken over those.
/// Equal if the bytes are.
/// </summary>
public abstract class NativeScript : IEquatable<NativeScript>
{
    private byte[]? bytes;

    // Boxed, because a script is shared between threads and a struct of 29 bytes is not written in one piece.
    private StrongBox<Hash28>? hash;

    private protected NativeScript() { }

    /// <summary>The script's CBOR, as read or canonical.</summary>
    public ReadOnlySpan<byte> Bytes => bytes ??= CborEncoder.Encode(this, static (encoder, script) => script.Write(encoder));

    /// <summary>Blake2b-224 of <c>0x00 || cbor</c>: the script's credential, and the policy id of what it mints.</summary>
    public Hash28 Hash => (hash ??= new StrongBox<Hash28>(ComputeHash(Bytes))).Value;

    /// <summary>Every key hash named in the script, repeats included.</summary>
    public abstract IEnumerable<Hash28> KeyHashes { get; }

    /// <summary>The interval that must hold whichever way the script is satisfied. A time lock under 'any' or 'atLeast' does not count.</summary>
    public virtual ValidityInterval RequiredInterval => ValidityInterval.Always;

    /// <summary>
    /// Whether a transaction with this interval and these signers satisfies the script. Scripts see the transaction's interval,
    /// not the slot: an open end fails every 'before', an open start every 'after'.
    /// </summary>
    public abstract bool Evaluate(ValidityInterval interval, IReadOnlySet<Hash28> signers);

    public static NativeScript Signature(Hash28 keyHash) => new RequireSignature(keyHash);
    public static NativeScript All(params IReadOnlyList<NativeScript> scripts) => new RequireAll(scripts);
    public static NativeScript Any(params IReadOnlyList<NativeScript> scripts) => new RequireAny(scripts);
    public static NativeScript AtLeast(long required, params IReadOnlyList<NativeScript> scripts) => new RequireAtLeast(required, scripts);

    /// <summary>Valid from <paramref name="slot"/> on.</summary>
    public static NativeScript After(ulong slot) => new RequireAfter(slot);

    /// <summary>Valid until <paramref name="slot"/>, itself excluded.</summary>
    public static NativeScript Before(ulong slot) => new RequireBefore(slot);

    public static NativeScript Decode(ReadOnlySpan<byte> cbor)
    {
        var reader = new CborDecoder(cbor);
        var script = Read(ref reader);
        reader.End();
        return script;
    }

    public static NativeScript Read(ref CborDecoder reader)
    {
        var start = reader.Position;
        var script = NativeScriptCodec.Read(ref reader);
        script.bytes = reader.Since(start).ToArray();
        return script;
    }

    public static NativeScript ParseJson(string json) => NativeScriptJson.Parse(json);

    /// <summary>The form of cardano-cli and Blockfrost: <c>{"type":"sig","keyHash":"..."}</c>.</summary>
    public string ToJson() => NativeScriptJson.Format(this);

    public bool Equals(NativeScript? other) => other is not null && Bytes.SequenceEqual(other.Bytes);
    public override bool Equals(object? obj) => Equals(obj as NativeScript);
    public override int GetHashCode() => Hash.GetHashCode();

    internal abstract void Write(CborEncoder encoder);

    private static Hash28 ComputeHash(ReadOnlySpan<byte> cbor)
    {
        const byte NativeLanguage = 0;
        Span<byte> tagged = cbor.Length < 512 ? stackalloc byte[cbor.Length + 1] : new byte[cbor.Length + 1];
        tagged[0] = NativeLanguage;
        cbor.CopyTo(tagged[1..]);
        return Blake2b.Hash224(tagged);
    }
}
