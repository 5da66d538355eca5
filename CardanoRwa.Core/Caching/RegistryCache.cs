using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;

namespace CardanoRwa.Core.Caching;

/// <summary>A read's answer as it goes over the wire, with its entity tag and, for a page, the next page's cursor.</summary>
[ImmutableObject(true)]
public sealed record CachedAnswer(byte[] Body, string? ETag, string? Next = null)
{
    /// <summary>Stands for a thing that does not exist.</summary>
    public static readonly CachedAnswer Missing = new([], null);
    public bool IsMissing => Body.Length == 0;
}

/// <summary>The two-level cache of registry reads: process memory before Redis before Postgres.</summary>
public sealed class RegistryCache(HybridCache cache, CacheMetrics metrics)
{
    private const string ListTag = "assets";

    // The library remembers every tag for ever, so assets share a bounded number of them; a change costs its few tag-mates a reload.
    private static readonly string[][] AssetTags = [.. Enumerable.Range(0, 65_536).Select(i => new[] { $"a{i:x4}" })];
    private static readonly string[] ListTags = [ListTag];

    public ValueTask<CachedAnswer> AssetAsync(Guid id, Func<CancellationToken, ValueTask<CachedAnswer>> load, CancellationToken cancellationToken) =>
        ReadAsync("asset", $"asset:{id}", AssetTags[Bucket(id)], load, cancellationToken);

    public ValueTask<CachedAnswer> ListAsync(string query, Func<CancellationToken, ValueTask<CachedAnswer>> load, CancellationToken cancellationToken) =>
        ReadAsync("list", $"list:{query}", ListTags, load, cancellationToken);

    /// <summary>Forgets an asset, in this process at once and in Redis as soon as it answers.</summary>
    public ValueTask ForgetAsync(Guid assetId, CancellationToken cancellationToken = default) => cache.RemoveByTagAsync(AssetTags[Bucket(assetId)][0], cancellationToken);

    public ValueTask ForgetListsAsync(CancellationToken cancellationToken = default) => cache.RemoveByTagAsync(ListTag, cancellationToken);

    public ValueTask ForgetAllAsync(CancellationToken cancellationToken = default) => cache.RemoveByTagAsync("*", cancellationToken);

    private async ValueTask<CachedAnswer> ReadAsync(string kind, string key, string[] tags, Func<CancellationToken, ValueTask<CachedAnswer>> load, CancellationToken cancellationToken)
    {
        var loaded = false;
        var answer = await cache.GetOrCreateAsync(key, async token =>
        {
            loaded = true;
            return await load(token);
        }, tags: tags, cancellationToken: cancellationToken);
        metrics.Read(kind, hit: !loaded);
        return answer;
    }

    /// <summary>The last two bytes of a version 7 UUID are random.</summary>
    private static int Bucket(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return (bytes[14] << 8) | bytes[15];
    }
}

/// <summary>Hits and misses of registry reads; a miss is a read that went to Postgres.</summary>
public sealed class CacheMetrics
{
    public const string MeterName = "CardanoRwa.Cache";
    private readonly Counter<long> _reads;

    public CacheMetrics(IMeterFactory meters) =>
        _reads = meters.Create(MeterName).CreateCounter<long>("rwa_cache_reads", description: "Reads of the registry by kind and result (hit or miss).");

    public void Read(string kind, bool hit)
    {
        var tags = new TagList { { "kind", kind }, { "result", hit ? "hit" : "miss" } };
        _reads.Add(1, tags);
    }
}
