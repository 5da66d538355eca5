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
            if (FindFault(value, label.ToString()) is { } fault) return fault;
        }

        return null;
    }

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

    private static string? FindFault(Metadatum value, string path)
    {
        switch (value)
        {
            case MetadataText text when text.SizeInBytes > MaxStringBytes:
                return $"{path}: text of {text.SizeInBytes} bytes; at most {MaxStringBytes} bytes of UTF-8 fit in one string. Split it into a list of strings (MetadataRules.Split).";
            case MetadataBytes bytes when bytes.Value.Length > MaxStringBytes:
                return $"{path}: {bytes.Value.Length} bytes; at most {MaxStringBytes} fit in one byte string. Split it into a list.";
            case MetadataInteger integer when integer.Value > ulong.MaxValue || integer.Value < -1 - (Int128)ulong.MaxValue:
                return $"{path}: {integer.Value} is outside -2^64..2^64-1. Write it as text.";
            case MetadataList list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    if (FindFault(list.Items[i], $"{path}[{i}]") is { } fault) return fault;
                }

                return null;
            case MetadataMap map:
                foreach (var (key, item) in map.Entries)
                {
                    var name = key is MetadataText text ? text.Value : key is MetadataBytes bytes ? Convert.ToHexStringLower(bytes.Value.Span) : key.ToString();
                    if ((FindFault(key, $"{path} (key '{name}')") ?? FindFault(item, $"{path}.{name}")) is { } fault) return fault;
                }

                return null;
            default:
                return null;
        }
    }
}
