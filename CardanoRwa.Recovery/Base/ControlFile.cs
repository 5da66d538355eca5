using System.Numerics;
using System.Runtime.InteropServices;

namespace CardanoRwa.Recovery.Base;

/// <summary>global/pg_control: written in place by the server, so a copy may be half of two versions; its CRC-32C tells.</summary>
internal static class ControlFile
{
    public const string Path = "global/pg_control";

    /// <summary>The CRC ends the structure, whose length differs between versions: one of the places it may stand must fit.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> file)
    {
        var crc = uint.MaxValue;
        for (var at = 0; at + 8 <= Math.Min(file.Length, 512); at += 4)
        {
            if (at >= 200 && MemoryMarshal.Read<uint>(file[at..]) == ~crc)
            {
                return true;
            }
            crc = BitOperations.Crc32C(crc, MemoryMarshal.Read<uint>(file[at..]));
        }
        return false;
    }

    /// <summary>Whether the server takes writes, or did when it ended without a shutdown. False also for a file that was just being written.</summary>
    public static bool IsInProduction(ReadOnlySpan<byte> file) => IsWhole(file) && MemoryMarshal.Read<uint>(file[StateOffset..]) == InProduction;

    /// <summary>Where a replay that is interrupted begins anew: no WAL before it is asked for.</summary>
    public static Lsn Redo(ReadOnlySpan<byte> file) => new(MemoryMarshal.Read<ulong>(file[RedoOffset..]));

    // After the system identifier and two versions; the last of the states.
    private const int StateOffset = 16;
    // After the state, the time and the place of the last checkpoint, whose copy begins with it.
    private const int RedoOffset = 40;
    private const uint InProduction = 6;

    public static string SystemId(ReadOnlySpan<byte> file) => MemoryMarshal.Read<ulong>(file).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
