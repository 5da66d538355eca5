using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace CardanoRwa.Core.Caching;

/// <summary>Layout in Redis: lengths of entity tag and cursor (2 bytes each, little-endian), both in ASCII, the body.</summary>
internal sealed class CachedAnswerSerializer : IHybridCacheSerializer<CachedAnswer>
{
    private const int Header = 4;

    public CachedAnswer Deserialize(ReadOnlySequence<byte> source)
    {
        var bytes = source.IsSingleSegment ? source.FirstSpan : source.ToArray();
        int tag = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        int next = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        return new CachedAnswer(bytes[(Header + tag + next)..].ToArray(), Text(bytes.Slice(Header, tag)), Text(bytes.Slice(Header + tag, next)));
    }

    public void Serialize(CachedAnswer value, IBufferWriter<byte> target)
    {
        var tag = value.ETag ?? "";
        var next = value.Next ?? "";
        var length = Header + tag.Length + next.Length + value.Body.Length;
        var span = target.GetSpan(length);
        BinaryPrimitives.WriteUInt16LittleEndian(span, checked((ushort)tag.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], checked((ushort)next.Length));
        Encoding.ASCII.GetBytes(tag, span[Header..]);
        Encoding.ASCII.GetBytes(next, span[(Header + tag.Length)..]);
        value.Body.CopyTo(span[(Header + tag.Length + next.Length)..]);
        target.Advance(length);
    }

    private static string? Text(ReadOnlySpan<byte> ascii) => ascii.IsEmpty ? null : Encoding.ASCII.GetString(ascii);
}
