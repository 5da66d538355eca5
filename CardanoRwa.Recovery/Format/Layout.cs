using System.Globalization;

namespace CardanoRwa.Recovery.Format;

/// <summary>The keys of a repository. A cluster is known by its system identifier, as pg_controldata prints it.</summary>
public static class Layout
{
    public const string Repository = "repository.json";
    public const string Keys = "keys/";

    public static string KeyObjects(string dataKeyId) => $"{Keys}{dataKeyId}/";

    // Padded, so that the order of names is the order of numbers.
    public static string KeyObject(string dataKeyId, int number) => $"{Keys}{dataKeyId}/{Number(number)}.json";

    public static string Bases(string systemId) => $"{systemId}/base/";
    public static string Base(string systemId, string backupId) => $"{Bases(systemId)}{backupId}/";
    public static string Manifest(string systemId, string backupId) => $"{Base(systemId, backupId)}manifest.json";
    public static string Files(string systemId, string backupId) => $"{Base(systemId, backupId)}files.json.gz";
    public static string Data(string systemId, string backupId, int number) => $"{Base(systemId, backupId)}data/{Number(number)}";

    public static string Configurations(string systemId, string kind) => $"{systemId}/config/{kind}/";

    public static string Wal(string systemId) => $"{systemId}/wal/";
    public static string WalTimeline(string systemId, uint timeline) => $"{Wal(systemId)}{timeline:X8}/";
    public static string WalSegment(string systemId, uint timeline, string segment) => $"{WalTimeline(systemId, timeline)}{segment}/";
    public static string WalWhole(string systemId, uint timeline, string segment) => $"{WalSegment(systemId, timeline, segment)}whole";

    /// <summary>Bytes <paramref name="offset"/> .. <paramref name="offset"/> + <paramref name="length"/> of a segment that is still being written.</summary>
    public static string WalPart(string systemId, uint timeline, string segment, int offset, int length) =>
        $"{WalSegment(systemId, timeline, segment)}{offset:X8}-{length:X8}";

    public static string WalHistory(string systemId, uint timeline) => $"{Wal(systemId)}{timeline:X8}.history";

    /// <summary>The same bytes, sealed.</summary>
    public static string WalHistorySeal(string systemId, uint timeline) => $"{WalHistory(systemId, timeline)}.sealed";

    private static string Number(int number) => number.ToString("D4", CultureInfo.InvariantCulture);
}
