using System.Buffers.Binary;

namespace CardanoRwa.Cardano.Metadata;

/// <summary>The class of an asset in the first four bytes of its name (CIP-67): <c>[0000 | label16 | crc8 | 0000]</c>.</summary>
public static class AssetLabel
{
    public const int Size = 4;

    /// <summary>CIP-68: the reference token whose output carries the metadata.</summary>
    public const ushort Reference = 100;

    /// <summary>CIP-68: a non-fungible token.</summary>
    public const ushort NonFungible = 222;

    /// <summary>CIP-68: a fungible token.</summary>
    public const ushort Fungible = 333;

    /// <summary>CIP-68: a rich fungible token.</summary>
    public const ushort RichFungible = 444;

    public static AssetName Apply(ushort label, ReadOnlySpan<byte> content)
    {
        if (content.Length > AssetName.MaxSize - Size) throw new ArgumentException($"A labelled name has at most {AssetName.MaxSize - Size} bytes of its own; this one has {content.Length}.", nameof(content));
        Span<byte> name = stackalloc byte[AssetName.MaxSize];
        BinaryPrimitives.WriteUInt32BigEndian(name, ((uint)label << 12) | ((uint)Crc8(label) << 4));
        content.CopyTo(name[Size..]);
        return new AssetName(name[..(Size + content.Length)]);
    }

    public static bool TryRead(AssetName name, out ushort label)
    {
        label = 0;
        if (name.Bytes.Length < Size) return false;
        var prefix = BinaryPrimitives.ReadUInt32BigEndian(name.Bytes);
        var read = (ushort)(prefix >> 12);
        if (prefix >> 28 != 0 || (prefix & 0xf) != 0 || (byte)(prefix >> 4) != Crc8(read)) return false;
        label = read;
        return true;
    }

    /// <summary>The same content under another label: from a user token to its reference token.</summary>
    public static AssetName Relabel(AssetName name, ushort label) =>
        TryRead(name, out _) ? Apply(label, name.Bytes[Size..]) : throw new ArgumentException($"{name} has no CIP-67 label.", nameof(name));

    // Polynomial 0x07, over the label's two bytes.
    private static byte Crc8(ushort label)
    {
        uint crc = label;
        for (var bit = 0; bit < 16; bit++) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x0700 : crc << 1;
        return (byte)(crc >> 8);
    }
}
