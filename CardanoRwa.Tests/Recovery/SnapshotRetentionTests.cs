using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Ipfs;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Worker.ChainSnapshots;
using Microsoft.Extensions.Time.Testing;

namespace CardanoRwa.Tests.Recovery;

/// <summary>What becomes of chain snapshots with time, on a clock that the test moves.</summary>
public sealed class SnapshotRetentionTests : IDisposable
{
    private const string Cluster = "7000000000000000001";
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MemoryStore _one = new("one"), _two = new("two");
    private readonly Identity _identity = Identity.New();
    private readonly Pins _pins = new();

    private KeyRing Keys => new([_one, _two], [_identity.Recipient], [_identity], _clock);
    private SnapshotShelf Shelf => new([_one, _two], Keys, _clock);

    [Fact]
    public async Task Snapshot_of_more_than_ninety_days_is_unpinned_and_gone_from_every_store_with_its_key()
    {
        await AddAsync("chain-a");
        _clock.Advance(TimeSpan.FromDays(1));
        await AddAsync("chain-b");
        _clock.Advance(TimeSpan.FromDays(89));
        await AddAsync("chain-c");
        Assert.Empty(await ExpireAsync());

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["chain-a"], await ExpireAsync());
        Assert.Equal(["chain-b", "chain-c"], (await Shelf.ListAsync(Cluster, default)).Select(r => r.Id));
        Assert.Equal(["pinned-chain-a"], _pins.Unpinned);
        // A record, an object and a key each.
        Assert.All(new[] { _one, _two }, s => Assert.Equal(6, s.Objects.Count));
    }

    [Fact]
    public async Task Newest_snapshot_stays_however_old_it_is()
    {
        await AddAsync("chain-a");
        _clock.Advance(TimeSpan.FromDays(400));
        Assert.Empty(await ExpireAsync());
        Assert.Empty(_pins.Unpinned);
    }

    [Fact]
    public async Task Snapshot_that_cannot_be_unpinned_or_deleted_now_stays_listed_and_goes_at_a_later_turn()
    {
        await AddAsync("chain-a");
        await AddAsync("chain-b");
        await AddAsync("chain-c");
        _clock.Advance(TimeSpan.FromDays(91));
        _pins.Refuses = "pinned-chain-a";
        var told = new List<string>();
        Assert.Equal(["chain-b"], await ExpireAsync((id, _) => told.Add(id)));
        Assert.Equal(["chain-a"], told);
        _pins.Refuses = null;
        _two.IsDown = true;
        Assert.Empty(await ExpireAsync((id, _) => told.Add(id)));
        _two.IsDown = false;
        Assert.Equal(["chain-a"], await ExpireAsync());
        Assert.All(new[] { _one, _two }, s => Assert.Equal(3, s.Objects.Count));
    }

    public void Dispose() => _identity.Dispose();

    private Task<IReadOnlyList<string>> ExpireAsync(Action<string, string>? onFailure = null) =>
        Shelf.ExpireAsync(Cluster, _pins, onFailure ?? ((id, cause) => Assert.Fail($"{id}: {cause}")), default);

    private async Task AddAsync(string id)
    {
        using var key = await Keys.CreateAsync((_, e) => throw e, default);
        var block = new SnapshotBlock(new string('a', 64), 1, 1);
        var summary = new SnapshotSummary(new SnapshotHeader(1, "testnet", _clock.GetUtcNow(), Cluster, "d", "0/1", block, block, 0), new string('b', 64), 1, 0, 0, 0, 0, 0);
        var name = $"{SnapshotShelf.Folder(Cluster)}{id}.jsonl";
        var record = TaggedJson.ToBytes(new SnapshotRecord(SnapshotRecord.CurrentVersion, id, summary, name, key.Id, "", "", 1, "cid", $"pinned-{id}", null), key);
        foreach (var store in new[] { _one, _two })
        {
            store.Objects[name] = [1];
            store.Objects[$"{SnapshotShelf.Folder(Cluster)}{id}.json"] = record;
        }
    }

    private sealed class Pins : IPinService
    {
        public string Name => "pins";
        public TreeOptions Tree => TreeOptions.Version1;
        public string? Refuses { get; set; }
        public List<string> Unpinned { get; } = [];

        public Task<string> PinAsync(Stream content, string cid, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task UnpinAsync(string pinnedAs, CancellationToken cancellationToken)
        {
            if (pinnedAs == Refuses)
            {
                throw new PinException("not now", isTransient: true);
            }
            Unpinned.Add(pinnedAs);
            return Task.CompletedTask;
        }

        public Task<Stream?> OpenAsync(string cid, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
