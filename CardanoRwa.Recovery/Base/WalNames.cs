using System.Globalization;

namespace CardanoRwa.Recovery.Base;

/// <summary>Names of WAL segments: timeline, then the segment's number in two halves, each eight hex digits.</summary>
public static class WalNames
{
    public static string Segment(uint timeline, ulong number, int segmentSize)
    {
        var perHalf = 0x100000000UL / (ulong)segmentSize;
        return string.Create(CultureInfo.InvariantCulture, $"{timeline:X8}{number / perHalf:X8}{number % perHalf:X8}");
    }

    public static string SegmentAt(uint timeline, Lsn lsn, int segmentSize) => Segment(timeline, (ulong)lsn / (ulong)segmentSize, segmentSize);

    public static (uint Timeline, ulong Number) Parse(string segment, int segmentSize) =>
        (uint.Parse(segment.AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            ulong.Parse(segment.AsSpan(8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture) * (0x100000000UL / (ulong)segmentSize)
            + ulong.Parse(segment.AsSpan(16, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
