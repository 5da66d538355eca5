using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CardanoRwa.Recovery.Base;

/// <summary>
/// The checksum in a page's header: thirty-two FNV-1a sums side by side (checksum_impl.h of Postgres), folded together with the page's
/// number in its relation.
/// </summary>
internal static class PageChecksum
{
    private const uint Prime = 16777619;
    private const int Lanes = 32;

    private static readonly uint[] Offsets =
    [
        0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
        0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
        0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
        0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756,
    ];

    public static ulong Lsn(ReadOnlySpan<byte> page) =>
        (ulong)MemoryMarshal.Read<uint>(page) << 32 | MemoryMarshal.Read<uint>(page[4..]);

    /// <summary>Allocated and never written: pd_upper is 0, and so is everything else.</summary>
    public static bool IsNew(ReadOnlySpan<byte> page) => MemoryMarshal.Read<ushort>(page[14..]) == 0;

    /// <summary>Whether the page may be believed; a new page has no checksum, and must be all zeros.</summary>
    public static bool IsRight(ReadOnlySpan<byte> page, uint block) => IsNew(page)
        ? !page.ContainsAnyExcept((byte)0)
        : MemoryMarshal.Read<ushort>(page[8..]) == Compute(page, block);

    // A backup is short: compiled step by step as usual, the loop would run unoptimized for a good part of it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ushort Compute(ReadOnlySpan<byte> page, uint block)
    {
        var words = MemoryMarshal.Cast<byte, uint>(page);
        var (s0, s1, s2, s3) = (Vector256.Create(Offsets, 0), Vector256.Create(Offsets, 8), Vector256.Create(Offsets, 16), Vector256.Create(Offsets, 24));

        // The checksum's own two bytes, at 8, count as zero.
        Span<uint> first = stackalloc uint[Lanes];
        words[..Lanes].CopyTo(first);
        first[2] &= 0xFFFF0000;
        Round(first, ref s0, ref s1, ref s2, ref s3);
        for (var i = Lanes; i < words.Length; i += Lanes)
        {
            Round(words.Slice(i, Lanes), ref s0, ref s1, ref s2, ref s3);
        }
        for (var i = 0; i < 2; i++)
        {
            (s0, s1, s2, s3) = (Mix(s0), Mix(s1), Mix(s2), Mix(s3));
        }

        var folded = s0 ^ s1 ^ s2 ^ s3;
        var half = folded.GetLower() ^ folded.GetUpper();
        var sum = half[0] ^ half[1] ^ half[2] ^ half[3] ^ block;
        return (ushort)(sum % 65535 + 1);
    }

    /// <summary>Writes the right checksum into a page's header.</summary>
    public static void Set(Span<byte> page, uint block) => BinaryPrimitives.WriteUInt16LittleEndian(page[8..], Compute(page, block));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ReadOnlySpan<uint> row, ref Vector256<uint> s0, ref Vector256<uint> s1, ref Vector256<uint> s2, ref Vector256<uint> s3)
    {
        s0 = Mix(s0 ^ Vector256.Create(row));
        s1 = Mix(s1 ^ Vector256.Create(row[8..]));
        s2 = Mix(s2 ^ Vector256.Create(row[16..]));
        s3 = Mix(s3 ^ Vector256.Create(row[24..]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Mix(Vector256<uint> value) => value * Vector256.Create(Prime) ^ Vector256.ShiftRightLogical(value, 17);
}
