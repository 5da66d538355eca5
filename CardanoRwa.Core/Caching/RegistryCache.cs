using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Caching;

/// <summary>A read's answer as it goes over the wire, with its entity tag and, for a page, the next page's cursor.</summary>
[ImmutableObject(true)]
public sealed record CachedAnswer(byte[] Body, string? ETag, string? Next = null)
{
    /// <summary>Stands for a thing that does not exist.</summary>
    public static readonly CachedAnswer Missing = new([], null);
    public bool IsMissing => Body.Length == 0;

    /// <summary>The Link header that goes with it, once one was made; it follows from the question and <see cref="Next"/>.</summary>
    public string? Link { get; set; }
}

/// <summary>
/// The cache of registry reads. Assets and plain pages are kept in this process alone, as bytes; filtered lists, which can take Postgres long, in
/// HybridCache: process memory before Redis.
/// </summary>
public sealed class RegistryCache(HybridCache cache, IOptions<CacheOptions> options, CacheMetrics metrics)
{
    internal const string Asset = "asset";
    internal const string List = "list";
    private const string ListTag = "assets";
    private static readonly string[] ListTags = [ListTag];

    private readonly Shelf<Guid> _assets = new(options.Value.MemoryLimitBytes / 2, options.Value.Lifetime);
    private readonly Shelf<string> _pages = new(options.Value.MemoryLimitBytes / 4, options.Value.Lifetime, StringComparer.Ordinal);

    // Assets share a bounded number of stamps, by the last two bytes of their id; a change costs its few neighbours a reload.
    private readonly long[] _assetStamps = new long[65_536];
    private long _listStamp, _allStamp;

    /// <summary>Both parts only ever grow, so an equal sum means that neither did.</summary>
    internal long AssetStamp(Guid id) => Volatile.Read(ref _assetStamps[Bucket(id)]) + Volatile.Read(ref _allStamp);

    internal long ListStamp => Volatile.Read(ref _listStamp) + Volatile.Read(ref _allStamp);

    /// <summary>An asset's answer, if this process has one that nothing has made old.</summary>
    public CachedAnswer? FindAsset(Guid id) => Hit(Asset, _assets.Find(id, AssetStamp(id)));

    /// <summary>A plain page's, by its query string.</summary>
    public CachedAnswer? FindPage(string question) => Hit(List, _pages.Find(question, ListStamp));

    /// <param name="id">Of the asset.</param>
    /// <param name="answer">What was loaded.</param>
    /// <param name="stamp">What <see cref="AssetStamp"/> was before the question was sent.</param>
    internal void KeepAsset(Guid id, CachedAnswer answer, long stamp) => _assets.Keep(id, answer, stamp);

    internal void KeepPage(string question, CachedAnswer answer, long stamp) => _pages.Keep(question, answer, stamp);

    internal void Missed(string kind) => metrics.Read(kind, hit: false);

    /// <summary>A filtered list.</summary>
    public async ValueTask<CachedAnswer> ListAsync(string query, Func<CancellationToken, ValueTask<CachedAnswer>> load, CancellationToken cancellationToken)
    {
        var loaded = false;
        var answer = await cache.GetOrCreateAsync($"list:{query}", async token =>
        {
            loaded = true;
            return await load(token);
        }, tags: ListTags, cancellationToken: cancellationToken);
        metrics.Read(List, hit: !loaded);
        return answer;
    }

    public void ForgetAsset(Guid assetId) => Interlocked.Increment(ref _assetStamps[Bucket(assetId)]);

    /// <summary>Forgets all lists, in this process at once and in Redis as soon as it answers.</summary>
    public ValueTask ForgetListsAsync(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _listStamp);
        return cache.RemoveByTagAsync(ListTag, cancellationToken);
    }

    public ValueTask ForgetAllAsync(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _allStamp);
        return cache.RemoveByTagAsync("*", cancellationToken);
    }

    private CachedAnswer? Hit(string kind, CachedAnswer? answer)
    {
        if (answer is not null)
        {
            metrics.Read(kind, hit: true);
        }
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
