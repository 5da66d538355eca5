using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace CardanoRwa.Cardano.Cbor;

/// <summary>
/// Writes canonical CBOR heads (shortest form, definite lengths) into a pooled buffer.
/// Key order is the caller's. Rent one per unit of work and dispose it; the written span dies with it.
/// </summary>
public sealed class CborEncoder : IDisposable
{
    private const int InitialSize = 4096;

    [ThreadStatic]
    private static CborEncoder? spare;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(InitialSize);

    private CborEncoder() { }

    public int Length { get; private set; }
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    public static CborEncoder Rent()
    {
        var encoder = spare ?? new CborEncoder();
        spare = null;
        encoder.Length = 0;
        return encoder;
    }

    /// <summary>Encodes one value into an array of its own.</summary>
    public static byte[] Encode<T>(T value, Action<CborEncoder, T> write)
    {
        using var encoder = Rent();
        write(encoder, value);
        return encoder.Written.ToArray();
    }

    public void WriteUInt(ulong value) => WriteHead(CborKind.UnsignedInteger, value);

    /// <summary>An integer in -2^64 .. 2^64-1.</summary>
    public void WriteInteger(Int128 value)
    {
        if (value > ulong.MaxValue || value < -1 - (Int128)ulong.MaxValue) throw new ArgumentOutOfRangeException(nameof(value), "CBOR integers have 64 bits.");
        if (value >= 0) WriteHead(CborKind.UnsignedInteger, (ulong)value);
        else WriteHead(CborKind.NegativeInteger, (ulong)(-1 - value));
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteHead(CborKind.Bytes, (ulong)value.Length);
        WriteEncoded(value);
    }

    public void WriteText(ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        WriteHead(CborKind.Text, (ulong)length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    public void WriteArray(int items) => WriteHead(CborKind.Array, (ulong)items);
    public void WriteMap(int pairs) => WriteHead(CborKind.Map, (ulong)pairs);
    public void WriteTag(ulong tag) => WriteHead(CborKind.Tag, tag);
    public void WriteBoolean(bool value) => Reserve(1)[0] = value ? (byte)0xf5 : (byte)0xf4;
    public void WriteNull() => Reserve(1)[0] = 0xf6;
    public void WriteIndefiniteArray() => Reserve(1)[0] = 0x9f;
    public void WriteIndefiniteBytes() => Reserve(1)[0] = 0x5f;
    public void WriteBreak() => Reserve(1)[0] = 0xff;

    /// <summary>Bytes that are CBOR already, unchanged.</summary>
    public void WriteEncoded(ReadOnlySpan<byte> encoded) => encoded.CopyTo(Reserve(encoded.Length));

    /// <summary>Width in bytes of the head of an unsigned integer, length or tag.</summary>
    public static int HeadSize(ulong value) => value switch { < 24 => 1, <= byte.MaxValue => 2, <= ushort.MaxValue => 3, <= uint.MaxValue => 5, _ => 9 };

    public void Dispose()
    {
        // A buffer that grew for one large value is not worth keeping on the thread.
        if (spare is null && buffer.Length <= 1 << 16) spare = this;
        else
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = [];
        }
    }

    private void WriteHead(CborKind kind, ulong value)
    {
        var major = (byte)((int)kind << 5);
        if (value < 24)
        {
            Reserve(1)[0] = (byte)(major | (byte)value);
            return;
        }

        var size = HeadSize(value);
        var head = Reserve(size);
        head[0] = (byte)(major | (24 + BitOperations.Log2((uint)(size - 1))));
        switch (size)
        {
            case 2: head[1] = (byte)value; break;
            case 3: BinaryPrimitives.WriteUInt16BigEndian(head[1..], (ushort)value); break;
            case 5: BinaryPrimitives.WriteUInt32BigEndian(head[1..], (uint)value); break;
            default: BinaryPrimitives.WriteUInt64BigEndian(head[1..], value); break;
        }
    }

    private Span<byte> Reserve(int size)
    {
        if (buffer.Length - Length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + size, buffer.Length * 2));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        var span = buffer.AsSpan(Length, size);
        Length += size;
        return span;
    }
}
