using System.Buffers.Binary;
using System.Text;

namespace CardanoRwa.Cardano.Cbor;

/// <summary>
/// Reads CBOR from a span without allocating. Lax about widths and indefinite lengths, as the ledger is;
/// strict about everything that could cost memory: a declared length is checked against the bytes that are left.
/// </summary>
public ref struct CborDecoder(ReadOnlySpan<byte> data)
{
    /// <summary>Nested arrays, maps and tags beyond this are refused, so that hostile input cannot exhaust the stack.</summary>
    public const int MaxDepth = 512;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> data = data;
    private int depth;

    public int Position { get; private set; }
    public readonly bool AtEnd => Position == data.Length;

    public readonly CborKind Peek()
    {
        if (AtEnd) throw Error("Unexpected end of data");
        var initial = data[Position];
        return initial == 0xff ? CborKind.Break : (CborKind)(initial >> 5);
    }

    /// <summary>True where the next item is a container or string whose end is a break code.</summary>
    public readonly bool PeekIndefinite() => !AtEnd && (data[Position] & 0x1f) == 31 && data[Position] != 0xff;

    public ulong ReadUInt() => ReadHead(CborKind.UnsignedInteger);

    public ulong ReadUInt(ulong max)
    {
        var start = Position;
        var value = ReadUInt();
        return value <= max ? value : throw new CborFormatException($"{value} is over {max}", start);
    }

    /// <summary>An integer of major type 0 or 1: -2^64 to 2^64-1.</summary>
    public Int128 ReadInteger() => Peek() == CborKind.NegativeInteger ? -1 - (Int128)ReadHead(CborKind.NegativeInteger) : ReadUInt();

    public long ReadInt64()
    {
        var start = Position;
        var value = ReadInteger();
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : throw new CborFormatException("Integer is over 64 bits", start);
    }

    /// <summary>A definite byte string of exactly <paramref name="length"/> bytes, as the ledger reads hashes and keys.</summary>
    public ReadOnlySpan<byte> ReadFixedBytes(int length)
    {
        var start = Position;
        var bytes = ReadDefinite(CborKind.Bytes);
        return bytes.Length == length ? bytes : throw new CborFormatException($"Expected {length} bytes, found {bytes.Length}", start);
    }

    /// <summary>A byte string; the chunks of an indefinite one are joined.</summary>
    public ReadOnlySpan<byte> ReadBytes() => PeekIndefinite() && Peek() == CborKind.Bytes ? ReadChunks(CborKind.Bytes) : ReadDefinite(CborKind.Bytes);

    /// <summary>A byte string written with its length first; the ledger reads addresses and asset names this way.</summary>
    public ReadOnlySpan<byte> ReadDefiniteBytes() => ReadDefinite(CborKind.Bytes);

    /// <summary>A text string; bytes that are not UTF-8 are refused, in each chunk of an indefinite one too.</summary>
    public string ReadText()
    {
        if (!PeekIndefinite()) return Utf8(ReadDefinite(CborKind.Text));
        if (Peek() != CborKind.Text) throw Error($"Expected Text, found {Peek()}");
        Position++;
        var text = new StringBuilder();
        while (Peek() != CborKind.Break) text.Append(Utf8(ReadDefinite(CborKind.Text)));
        Position++;
        return text.ToString();
    }

    /// <summary>Opens an array: its number of items, or -1 if a break ends it. Walk it with <see cref="More"/>.</summary>
    public int ReadArray() => ReadContainer(CborKind.Array, 1);

    /// <summary>Opens a map: its number of pairs, or -1 if a break ends it. Walk it with <see cref="More"/>.</summary>
    public int ReadMap() => ReadContainer(CborKind.Map, 2);

    /// <summary>Whether a container opened with <paramref name="remaining"/> has another item; closes it if not.</summary>
    public bool More(ref int remaining)
    {
        if (remaining > 0)
        {
            remaining--;
            return true;
        }

        if (remaining < 0)
        {
            if (Peek() != CborKind.Break) return true;
            Position++;
        }

        depth--;
        return false;
    }

    /// <summary>Opens an array that must have <paramref name="fields"/> items; returns what <see cref="EndRecord"/> needs.</summary>
    public int ReadRecord(int fields)
    {
        var start = Position;
        var count = ReadArray();
        return count < 0 || count == fields ? count : throw new CborFormatException($"Expected {fields} fields, found {count}", start);
    }

    public void EndRecord(int record)
    {
        depth--;
        if (record >= 0) return;
        if (Peek() != CborKind.Break) throw Error("Too many fields");
        Position++;
    }

    public ulong ReadTag() => ReadHead(CborKind.Tag);

    /// <summary>Consumes <paramref name="tag"/> if it is next.</summary>
    public bool TryReadTag(ulong tag)
    {
        if (Peek() != CborKind.Tag) return false;
        var start = Position;
        if (ReadTag() == tag) return true;
        Position = start;
        return false;
    }

    public bool ReadBoolean() => ReadSimple() switch
    {
        0xf4 => false,
        0xf5 => true,
        _ => throw new CborFormatException("Expected true or false", Position - 1),
    };

    /// <summary>Consumes a null if it is next.</summary>
    public bool TryReadNull()
    {
        if (AtEnd || data[Position] != 0xf6) return false;
        Position++;
        return true;
    }

    /// <summary>The bytes of the next item, whatever it is, checked to be well-formed.</summary>
    public ReadOnlySpan<byte> ReadEncoded()
    {
        var start = Position;
        Skip();
        return data[start..Position];
    }

    /// <summary>The bytes consumed since <paramref name="start"/>, an earlier <see cref="Position"/>.</summary>
    public readonly ReadOnlySpan<byte> Since(int start) => data[start..Position];

    public void Skip()
    {
        switch (Peek())
        {
            case CborKind.UnsignedInteger or CborKind.NegativeInteger:
                ReadHead(Peek());
                break;
            case CborKind.Bytes or CborKind.Text:
                if (PeekIndefinite()) ReadChunks(Peek());
                else ReadDefinite(Peek());
                break;
            case CborKind.Array:
                for (var items = ReadArray(); More(ref items);) Skip();
                break;
            case CborKind.Map:
                for (var pairs = ReadMap(); More(ref pairs);)
                {
                    Skip();
                    Skip();
                }

                break;
            case CborKind.Tag:
                Enter();
                ReadTag();
                Skip();
                depth--;
                break;
            case CborKind.Break:
                throw Error("Unexpected break");
            default:
                SkipSimple();
                break;
        }
    }

    /// <summary>Throws unless every byte was read.</summary>
    public readonly void End()
    {
        if (!AtEnd) throw Error($"{data.Length - Position} bytes follow the value");
    }

    public readonly CborFormatException Error(string message) => new(message, Position);

    /// <summary>Counts one level of nesting that is not an array or map; pair with <see cref="Leave"/>.</summary>
    public void Enter()
    {
        if (++depth > MaxDepth) throw Error($"Nested deeper than {MaxDepth}");
    }

    public void Leave() => depth--;

    private int ReadContainer(CborKind kind, int itemsPerEntry)
    {
        Enter();
        if (Peek() == kind && PeekIndefinite())
        {
            Position++;
            return -1;
        }

        var start = Position;
        var count = ReadHead(kind);
        return count <= (ulong)((data.Length - Position) / itemsPerEntry)
            ? (int)count
            : throw new CborFormatException($"{count} entries do not fit in the bytes left", start);
    }

    private ReadOnlySpan<byte> ReadDefinite(CborKind kind)
    {
        var start = Position;
        var length = ReadHead(kind);
        if (length > (ulong)(data.Length - Position)) throw new CborFormatException($"{length} bytes are not there", start);
        var bytes = data.Slice(Position, (int)length);
        Position += (int)length;
        return bytes;
    }

    private readonly string Utf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Error("Text is not UTF-8");
        }
    }

    private byte[] ReadChunks(CborKind kind)
    {
        Position++;
        var first = Position;
        var total = 0;
        while (Peek() != CborKind.Break) total += ReadDefinite(kind).Length;
        var joined = new byte[total];
        Position = first;
        for (var filled = 0; Peek() != CborKind.Break;)
        {
            var chunk = ReadDefinite(kind);
            chunk.CopyTo(joined.AsSpan(filled));
            filled += chunk.Length;
        }

        Position++;
        return joined;
    }

    private byte ReadSimple() => Peek() == CborKind.Simple ? data[Position++] : throw Error($"Expected a simple value, found {Peek()}");

    private void SkipSimple()
    {
        var start = Position;
        var extra = (ReadSimple() & 0x1f) switch { 24 => 1, 25 => 2, 26 => 4, 27 => 8, > 27 => throw new CborFormatException("Reserved simple value", start), _ => 0 };
        if (extra > data.Length - Position) throw new CborFormatException("Unexpected end of data", start);
        Position += extra;
    }

    private ulong ReadHead(CborKind expected)
    {
        var found = Peek();
        if (found != expected) throw Error($"Expected {expected}, found {found}");
        var start = Position;
        var info = data[Position++] & 0x1f;
        if (info < 24) return (ulong)info;
        var width = info <= 27 ? 1 << (info - 24) : throw new CborFormatException("Bad or unexpected indefinite length", start);
        if (width > data.Length - Position) throw new CborFormatException("Unexpected end of data", start);
        var bytes = data.Slice(Position, width);
        Position += width;
        return width switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64BigEndian(bytes),
        };
    }
}
