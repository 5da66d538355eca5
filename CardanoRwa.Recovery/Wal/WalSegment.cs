using System.Globalization;

namespace CardanoRwa.Recovery.Wal;

/// <summary>A segment of the log: timeline and number name it as Postgres does.</summary>
/// <param name="Timeline">The timeline.</param>
/// <param name="Number">Counted from the log's beginning.</param>
/// <param name="Size">Bytes of every segment of the cluster.</param>
public readonly record struct WalSegment(uint Timeline, ulong Number, int Size)
{
    public const int DefaultSize = 16 << 20;
    private const int NameLength = 24;

    // The name's middle part counts 4 GiB of log, its last the segments in them.
    private ulong PerFile => 0x1_0000_0000 / (ulong)Size;

    public string Name => $"{Timeline:X8}{Number / PerFile:X8}{Number % PerFile:X8}";
    public Lsn Start => new(Number * (ulong)Size);
    public Lsn End => new((Number + 1) * (ulong)Size);
    public WalSegment Next => this with { Number = Number + 1 };

    public static WalSegment Of(uint timeline, Lsn position, int size) => new(timeline, (ulong)position / (ulong)size, size);

    public int OffsetOf(Lsn position) => (int)((ulong)position - (ulong)Start);

    public static WalSegment? TryParse(string name, int size)
    {
        if (name.Length != NameLength
            || !uint.TryParse(name.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var timeline)
            || !ulong.TryParse(name.AsSpan(8, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var file)
            || !ulong.TryParse(name.AsSpan(16, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var inside))
        {
            return null;
        }
        var segment = new WalSegment(timeline, 0, size);
        return inside < segment.PerFile ? segment with { Number = (file * segment.PerFile) + inside } : null;
    }
}

internal static class LsnMath
{
    public static Lsn Plus(this Lsn position, long bytes) => new((ulong)position + (ulong)bytes);

    public static long Minus(this Lsn later, Lsn earlier) => (long)((ulong)later - (ulong)earlier);

    public static Lsn Max(Lsn a, Lsn b) => a > b ? a : b;
}
