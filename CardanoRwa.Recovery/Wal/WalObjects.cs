using System.Globalization;
using System.Text.Json;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Wal;

/// <summary>What a cluster's WAL looks like, written once beside it.</summary>
public sealed record WalCluster(int SegmentSize);

/// <summary>How far a store's WAL reached at a time of the database's clock; replaced every few seconds.</summary>
/// <param name="Timeline">The timeline.</param>
/// <param name="At">Everything before it is stored.</param>
/// <param name="ServerTime">Commits acknowledged until then are before it.</param>
public sealed record WalMark(uint Timeline, Lsn At, DateTimeOffset ServerTime);

/// <summary>The small objects beside the segments.</summary>
internal static class WalObjects
{
    public const string Whole = "whole";

    public static string Cluster(string systemId) => $"{Layout.Wal(systemId)}cluster.json";

    public static string Mark(string systemId) => $"{Layout.Wal(systemId)}mark.json";

    public static async Task<T?> ReadAsync<T>(IObjectStore store, string key, CancellationToken cancellationToken) where T : class
    {
        if (await store.GetAsync(key, cancellationToken) is not { } bytes)
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, RecoveryJson.Options);
        }
        catch (JsonException e)
        {
            throw new DamagedObjectException(key, DamageKind.Altered, "it is not what was written there", e);
        }
    }

    public static async Task<WalCluster?> ReadClusterAsync(IObjectStore store, string systemId, CancellationToken cancellationToken)
    {
        var key = Cluster(systemId);
        var cluster = await ReadAsync<WalCluster>(store, key, cancellationToken);
        // What Postgres can be built or initialised with.
        return cluster is null || (cluster.SegmentSize is >= 1 << 20 and <= 1 << 30 && int.IsPow2(cluster.SegmentSize))
            ? cluster
            : throw new DamagedObjectException(key, DamageKind.Altered, $"a segment of {cluster.SegmentSize} bytes cannot be");
    }

    public static Task<bool> WriteAsync<T>(IObjectStore store, string key, T item, bool ifAbsent, CancellationToken cancellationToken) =>
        store.PutAsync(key, JsonSerializer.SerializeToUtf8Bytes(item, RecoveryJson.Options), ifAbsent, cancellationToken);

    /// <summary>'00001000-00000200' in the folder of a segment.</summary>
    public static WalPart? ParsePart(string name) =>
        name.Length == 17 && name[8] == '-'
        && int.TryParse(name.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var offset)
        && int.TryParse(name.AsSpan(9), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length)
            ? new WalPart(offset, length)
            : null;
}

/// <summary>Bytes of a segment as one object.</summary>
public readonly record struct WalPart(int Offset, int Length)
{
    public int End => Offset + Length;
}
