using System.Text;

namespace CardanoRwa.Cardano.Metadata;

/// <summary>
/// Token metadata in the datum of a reference token's output (CIP-68): <c>#6.121([metadata, version, extra])</c>.
/// Reference and user token have the same policy and content, under labels 100 and 222, 333 or 444.
/// </summary>
public static class Cip68
{
    private const int NewestDirectVersion = 3;

    /// <summary>The names of a reference token and of the user token it describes.</summary>
    public static (AssetName Reference, AssetName User) Names(ushort label, ReadOnlySpan<byte> content)
    {
        if (label is not (AssetLabel.NonFungible or AssetLabel.Fungible or AssetLabel.RichFungible)) throw new ArgumentOutOfRangeException(nameof(label), "CIP-68 user tokens have label 222, 333 or 444.");
        return (AssetLabel.Apply(AssetLabel.Reference, content), AssetLabel.Apply(label, content));
    }

    /// <summary>The datum for a token of class <paramref name="label"/>. Text becomes its UTF-8 bytes, as the CIP demands.</summary>
    /// <exception cref="ArgumentException">Says which field is missing or wrong.</exception>
    public static PlutusData Datum(ushort label, MetadataMap metadata, PlutusData? extra = null, int version = 2)
    {
        if (FindFault(label, metadata) is { } fault) throw new ArgumentException(fault, nameof(metadata));
        ArgumentOutOfRangeException.ThrowIfLessThan(version, label == AssetLabel.RichFungible ? 2 : 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(version, NewestDirectVersion);
        return new PlutusConstructor(0, [ToData(metadata), new PlutusInteger(version), extra ?? PlutusData.Unit]);
    }

    /// <summary>The metadata and version in a datum; null if it is not CIP-68's.</summary>
    public static (PlutusMap Metadata, int Version)? Read(PlutusData datum) =>
        datum is PlutusConstructor { Alternative: 0, Fields: [PlutusMap metadata, PlutusInteger version, ..] } && version.Value >= 1 && version.Value <= 4
            ? (metadata, (int)version.Value)
            : null;

    /// <summary>What the metadata lacks or breaks for its class, or null.</summary>
    public static string? FindFault(ushort label, MetadataMap metadata)
    {
        if (metadata["name"] is not MetadataText { Value.Length: > 0 }) return "CIP-68 requires 'name', a text.";
        if (metadata["decimals"] is { } decimals && (decimals is not MetadataInteger integer || integer.Value < 0 || integer.Value > byte.MaxValue)) return "'decimals' must be an integer from 0 to 255.";
        return label switch
        {
            AssetLabel.Fungible when metadata["description"] is not MetadataText => "CIP-68 requires 'description' of a fungible token (333), a text.",
            AssetLabel.NonFungible or AssetLabel.RichFungible when Cip25.Join(metadata["image"]) is null => $"CIP-68 requires 'image' of a token with label {label}, a URI as text.",
            AssetLabel.NonFungible or AssetLabel.Fungible or AssetLabel.RichFungible => null,
            _ => $"{label} is not a user token of CIP-68: 222, 333 or 444.",
        };
    }

    private static PlutusData ToData(Metadatum value) => value switch
    {
        MetadataText text => new PlutusBytes(Encoding.UTF8.GetBytes(text.Value)),
        MetadataBytes bytes => new PlutusBytes(bytes.Value),
        MetadataInteger integer => new PlutusInteger(integer.Value),
        MetadataList list => new PlutusList([.. list.Items.Select(ToData)]),
        MetadataMap map => new PlutusMap([.. map.Entries.Select(static e => KeyValuePair.Create(ToData(e.Key), ToData(e.Value)))]),
        _ => throw new ArgumentException("Unknown metadata.", nameof(value)),
    };
}
