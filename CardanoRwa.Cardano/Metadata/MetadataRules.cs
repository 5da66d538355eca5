namespace CardanoRwa.Cardano.Metadata;

/// <summary>The ledger's limit on metadata strings, told so that a person can find the offending value.</summary>
public static class MetadataRules
{
    /// <summary>Bytes, not characters, in one text or byte string (ledger: validMetadatum).</summary>
    public const int MaxStringBytes = 64;

    /// <summary>The first value that is too long, as <c>path: what is wrong</c>; null if all is well.</summary>
    public static string? FindFault(IReadOnlyDictionary<ulong, Metadatum> metadata)
    {
        foreach (var (label, value) in metadata)
        {
            if (Fault(value) is { } fault) return $"{label}{fault}";
        }

        return null;
    }

    /// <summary>As <see cref="FindFault(IReadOnlyDictionary{ulong, Metadatum})"/>, for one value; the path starts at it.</summary>
    public static string? FindFault(Metadatum value) => Fault(value)?.TrimStart('.');

    /// <summary>Text as it may stand in metadata: itself, or a list of pieces of at most 64 bytes that split no character.</summary>
    public static Metadatum Split(string text)
    {
        if (new MetadataText(text).SizeInBytes <= MaxStringBytes) return text;
        var pieces = new List<Metadatum>();
        int start = 0, size = 0, at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (size + rune.Utf8SequenceLength > MaxStringBytes)
            {
                pieces.Add(text[start..at]);
                start = at;
                size = 0;
            }

            size += rune.Utf8SequenceLength;
            at += rune.Utf16SequenceLength;
        }

        pieces.Add(text[start..]);
        return new MetadataList(pieces);
    }

    // The path is put together on the way back from a fault, so that sound metadata costs no strings.
    private static string? Fault(Metadatum value)
    {
        switch (value)
        {
            case MetadataText text when text.SizeInBytes > MaxStringBytes:
                return $": text of {text.SizeInBytes} bytes; at most {MaxStringBytes} bytes of UTF-8 fit in one string. Split it into a list of strings (MetadataRules.Split).";
            case MetadataBytes bytes when bytes.Value.Length > MaxStringBytes:
                return $": {bytes.Value.Length} bytes; at most {MaxStringBytes} fit in one byte string. Split it into a list.";
            case MetadataInteger integer when integer.Value > ulong.MaxValue || integer.Value < -1 - (Int128)ulong.MaxValue:
                return $": {integer.Value} is outside -2^64..2^64-1. Write it as text.";
            case MetadataList list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    if (Fault(list.Items[i]) is { } fault) return $"[{i}]{fault}";
                }

                return null;
            case MetadataMap map:
                for (var i = 0; i < map.Entries.Count; i++)
                {
                    var (key, item) = map.Entries[i];
                    if (Fault(key) is { } inKey) return $" (key '{Name(key)}'){inKey}";
                    if (Fault(item) is { } inItem) return $".{Name(key)}{inItem}";
                }

                return null;
            default:
                return null;
        }
    }

    private static string Name(Metadatum key) => key switch
    {
        MetadataText text => text.Value,
        MetadataBytes bytes => Convert.ToHexStringLower(bytes.Value.Span),
        MetadataInteger integer => integer.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => key.GetType().Name,
    };
}
