using System.Text;

namespace CardanoRwa.Cardano.Metadata;

/// <summary>Token metadata in the minting transaction (CIP-25, label 721), versions 1 and 2.</summary>
public static class Cip25
{
    public const ulong Label = 721;

    private static readonly string[] Schemes = ["https://", "ipfs://", "ar://", "data:"];
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// One map for every token of a transaction: version 1 keys are text (policy in hex, name in UTF-8), version 2 keys are bytes.
    /// </summary>
    /// <exception cref="ArgumentException">Says which token lacks or breaks what.</exception>
    public static Metadatum Build(IEnumerable<KeyValuePair<AssetId, MetadataMap>> tokens, int version = 2)
    {
        if (version is not (1 or 2)) throw new ArgumentOutOfRangeException(nameof(version), "CIP-25 has versions 1 and 2.");
        var policies = new List<KeyValuePair<Metadatum, Metadatum>>();
        foreach (var policy in tokens.GroupBy(static t => t.Key.Policy))
        {
            var names = new List<KeyValuePair<Metadatum, Metadatum>>();
            foreach (var (asset, details) in policy)
            {
                if (FindFault(details) is { } fault) throw new ArgumentException($"{asset}: {fault}", nameof(tokens));
                names.Add(new(NameKey(asset.Name, version), details));
            }

            policies.Add(new(version == 1 ? policy.Key.ToString() : policy.Key.ToArray(), new MetadataMap(names)));
        }

        if (version == 2) policies.Add(new("version", 2L));
        return new MetadataMap(policies);
    }

    /// <summary>A token's details with the required fields; long text is split into pieces of 64 bytes.</summary>
    public static MetadataMap Details(string name, string image, params ReadOnlySpan<(Metadatum Key, Metadatum Value)> others) =>
        Metadatum.Map([("name", name), ("image", MetadataRules.Split(image)), .. others]);

    /// <summary>What the details lack or break, or null.</summary>
    public static string? FindFault(MetadataMap details)
    {
        if (details["name"] is not MetadataText { Value.Length: > 0 }) return "CIP-25 requires 'name', a text of 1 to 64 bytes.";
        if (Join(details["image"]) is not { } image) return "CIP-25 requires 'image', a URI as text or as a list of texts.";
        if (!Array.Exists(Schemes, s => image.StartsWith(s, StringComparison.Ordinal))) return $"'image' must be a URI with its scheme ({string.Join(", ", Schemes)}), not '{image}'.";
        if (details["files"] is { } files)
        {
            if (files is not MetadataList list) return "'files' must be a list.";
            foreach (var file in list.Items)
            {
                if (file is not MetadataMap map || map["mediaType"] is not MetadataText || Join(map["src"]) is null) return "Each of 'files' needs 'mediaType' and 'src'.";
            }
        }

        return MetadataRules.FindFault(details);
    }

    /// <summary>The details of one token in a transaction's metadata, whichever version wrote them; null if they are not there.</summary>
    public static MetadataMap? Find(IReadOnlyDictionary<ulong, Metadatum> metadata, AssetId asset)
    {
        if (!metadata.TryGetValue(Label, out var root) || root is not MetadataMap policies) return null;
        if ((policies[asset.Policy.ToArray()] ?? policies[asset.Policy.ToString()]) is not MetadataMap names) return null;
        return (names[asset.Name.Bytes.ToArray()] ?? (TryText(asset.Name, out var text) ? names[text] : null) ?? names[asset.Name.ToString()]) as MetadataMap;
    }

    /// <summary>Text, or the pieces of a list of texts joined as viewers join them.</summary>
    public static string? Join(Metadatum? value) => value switch
    {
        MetadataText text => text.Value,
        MetadataList { Items.Count: > 0 } list when list.Items.All(static i => i is MetadataText) => string.Concat(list.Items.Cast<MetadataText>().Select(static t => t.Value)),
        _ => null,
    };

    private static Metadatum NameKey(AssetName name, int version) => version == 2 ? name.Bytes.ToArray()
        : TryText(name, out var text) ? text
        : throw new ArgumentException($"Asset name {name} is not UTF-8; version 1 of CIP-25 cannot name it. Use version 2.", nameof(name));

    private static bool TryText(AssetName name, out string text)
    {
        try
        {
            text = StrictUtf8.GetString(name.Bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
