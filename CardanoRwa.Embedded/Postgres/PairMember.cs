using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>One server of a pair: its folder, and what the files in it say of its part.</summary>
internal sealed class PairMember(IResource resource, string runFolder, Func<int> port)
{
    public const string StandbySignal = "standby.signal";

    /// <summary>Written before a standby is promoted, into the data of the primary that it replaces: those never take writes again.</summary>
    public const string Fence = "rwa.fenced";

    /// <summary>Written into a standby's data once commits wait for it: nothing acknowledged since is missing there.</summary>
    public const string Synchronous = "rwa.synchronous";

    public string Name => resource.Name;

    public int Port => port();

    public string Parent { get; } = Path.Combine(runFolder, resource.Name);

    public PostgresDataFolder Data { get; } = new(Path.Combine(runFolder, resource.Name));

    public string File(string name) => Path.Combine(Data.Path, name);

    /// <summary>
    /// Read from disk each time: it outlives the host, and it is what the server itself goes by. A promoted standby writes its new timeline's
    /// history first, then removes its signal, then takes writes.
    /// </summary>
    public PairFacts Read() => new(Data.Major is not null, System.IO.File.Exists(File(StandbySignal)), System.IO.File.Exists(File(Fence)), Timeline());

    private int Timeline()
    {
        var wal = File("pg_wal");
        return !Directory.Exists(wal) ? 1 : Directory.EnumerateFiles(wal, "*.history")
            .Select(f => int.TryParse(Path.GetFileNameWithoutExtension(f), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var timeline) ? timeline : 1)
            .DefaultIfEmpty(1).Max();
    }
}

/// <param name="HasData">A cluster is there.</param>
/// <param name="IsStandby">It would start as a standby.</param>
/// <param name="IsFenced">Another one has taken its place.</param>
/// <param name="Timeline">The newest it knows.</param>
internal sealed record PairFacts(bool HasData, bool IsStandby, bool IsFenced, int Timeline);

internal enum PairStart
{
    /// <summary>Make a new cluster; it is the primary.</summary>
    Begin,
    Primary,
    Standby,

    /// <summary>Copy the other, which is the primary, and follow it.</summary>
    Rebuild,

    /// <summary>Wait: the other may be promoted at any moment.</summary>
    Hold,

    /// <summary>Both have been primaries of the same timeline; no rule says which one to believe.</summary>
    Refuse,
}

/// <summary>As what a member of a pair may start, so that two never take writes.</summary>
internal static class PairRules
{
    /// <param name="own">This member.</param>
    /// <param name="other">The other one.</param>
    /// <param name="isRestart">It ended by itself; nobody has asked for it to start again.</param>
    /// <param name="isFirst">It is the one that begins where neither has data.</param>
    public static PairStart Decide(PairFacts own, PairFacts other, bool isRestart, bool isFirst)
    {
        if (!own.HasData)
            return other.HasData ? PairStart.Rebuild : isFirst ? PairStart.Begin : PairStart.Hold;
        if (own.IsFenced)
            return PairStart.Rebuild;
        if (own.IsStandby)
            return PairStart.Standby;
        if (!other.HasData || other.IsFenced)
            return PairStart.Primary;
        if (other.IsStandby)
            return isRestart ? PairStart.Hold : PairStart.Primary;
        return own.Timeline == other.Timeline ? PairStart.Refuse : own.Timeline > other.Timeline ? PairStart.Primary : PairStart.Rebuild;
    }
}
