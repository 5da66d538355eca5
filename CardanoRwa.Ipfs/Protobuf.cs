using System.Buffers;

namespace CardanoRwa.Ipfs;

/// <summary>The two wire types that dag-pb and UnixFS use: varint (0) and length-delimited (2).</summary>
internal readonly struct ProtobufWriter()
{
    private readonly ArrayBufferWriter<byte> buffer = new();

    internal ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    internal void WriteNumber(int field, ulong value)
    {
        Varint((ulong)field << 3);
        Varint(value);
    }

    internal void WriteBytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        buffer.Write(value);
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) buffer.Write([(byte)(value | 0x80)]);
        buffer.Write([(byte)value]);
    }
}

internal ref struct ProtobufReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> rest = data;

    internal int Field { get; private set; }
    internal ulong Number { get; private set; }
    internal ReadOnlySpan<byte> Bytes { get; private set; }

    internal bool Next()
    {
        if (rest.IsEmpty) return false;
        var key = Varint();
        Field = (int)(key >> 3);
        Number = Varint();
        if ((key & 7) == 0) return true;
        Bytes = rest[..(int)Number];
        rest = rest[(int)Number..];
        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = rest[0];
            rest = rest[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
    }
}
