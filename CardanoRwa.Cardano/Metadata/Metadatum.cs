using System.Text;

namespace CardanoRwa.Cardano.Metadata;

/// <summary>
/// A transaction metadata value: integer, bytes, text, list or map. The ledger allows 64 bytes in one text or byte string;
/// anything may be decoded here, and <see cref="MetadataRules"/> tells what breaks the rule.
/// </summary>
public abstract record Metadatum
{
    private protected Metadatum() { }

    public static implicit operator Metadatum(string text) => new MetadataText(text);
    public static implicit operator Metadatum(long number) => new MetadataInteger(number);
    public static implicit operator Metadatum(byte[] bytes) => new MetadataBytes(bytes);
    public static Metadatum FromString(string text) => text;
    public static Metadatum FromInt64(long number) => number;
    public static Metadatum FromByteArray(byte[] bytes) => bytes;

    public static Metadatum List(params IReadOnlyList<Metadatum> items) => new MetadataList(items);

    public static MetadataMap Map(params ReadOnlySpan<(Metadatum Key, Metadatum Value)> entries)
    {
        var pairs = new KeyValuePair<Metadatum, Metadatum>[entries.Length];
        for (var i = 0; i < pairs.Length; i++) pairs[i] = new(entries[i].Key, entries[i].Value);
        return new MetadataMap(pairs);
    }
}

/// <summary>-2^64 .. 2^64-1.</summary>
public sealed record MetadataInteger(Int128 Value) : Metadatum;

public sealed record MetadataBytes(ReadOnlyMemory<byte> Value) : Metadatum
{
    public bool Equals(MetadataBytes? other) => other is not null && Value.Span.SequenceEqual(other.Value.Span);
    public override int GetHashCode() => Value.Length;
}

public sealed record MetadataText(string Value) : Metadatum
{
    public int SizeInBytes => Encoding.UTF8.GetByteCount(Value);
}

public sealed record MetadataList(IReadOnlyList<Metadatum> Items) : Metadatum
{
    public bool Equals(MetadataList? other) => other is not null && Items.SequenceEqual(other.Items);
    public override int GetHashCode() => Items.Count;
}

/// <summary>Entries in their order on the wire; the ledger does not forbid repeated keys.</summary>
public sealed record MetadataMap(IReadOnlyList<KeyValuePair<Metadatum, Metadatum>> Entries) : Metadatum
{
    /// <summary>The value of the first entry with this key.</summary>
    public Metadatum? this[Metadatum key]
    {
        get
        {
            foreach (var entry in Entries)
            {
                if (entry.Key == key) return entry.Value;
            }

            return null;
        }
    }

    public bool Equals(MetadataMap? other) => other is not null && Entries.SequenceEqual(other.Entries);
    public override int GetHashCode() => Entries.Count;
}
