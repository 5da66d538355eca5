using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using CardanoRwa.Tests.Recovery;

namespace CardanoRwa.Tests.Wal;

public sealed class WalSourceTests : IDisposable
{
    private const string Cluster = "7000000000000000001";
    private static readonly WalSegment Segment = new(1, 3, WalSegment.DefaultSize);
    private readonly Vault _vault = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("wal-source").FullName;
    private readonly byte[] _bytes = new byte[WalSegment.DefaultSize];

    public WalSourceTests() => new Random(1).NextBytes(_bytes.AsSpan(0, 1 << 20));

    private string Target => Path.Combine(_folder, "segment");

    [Fact]
    public async Task Parts_of_several_stores_are_joined_and_the_rest_is_zeros()
    {
        using var key = await _vault.Writer.CreateAsync((_, _) => { }, default);
        await PartAsync(key, 0, 0, 1_000);
        await PartAsync(key, 1, 500, 1_500);
        await PartAsync(key, 0, 2_000, 4_000);
        await PartAsync(key, 0, 9_000, 10); // behind a hole

        Assert.True(await FetchAsync(Segment.Name));

        var read = await File.ReadAllBytesAsync(Target);
        Assert.Equal(WalSegment.DefaultSize, read.Length);
        Assert.True(read.AsSpan(0, 6_000).SequenceEqual(_bytes.AsSpan(0, 6_000)));
        Assert.True(read.AsSpan(6_000).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public async Task What_is_nowhere_is_not_found_and_a_store_that_is_down_is_no_answer()
    {
        Assert.False(await FetchAsync(Segment.Name));
        Assert.False(await FetchAsync("00000002.history"));
        Assert.False(await FetchAsync("nonsense"));
        _vault.Stores[1].IsDown = true;

        await Assert.ThrowsAsync<StoreException>(() => FetchAsync(Segment.Name));
        await Assert.ThrowsAsync<StoreException>(() => FetchAsync("00000002.history"));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Damaged_segment_comes_from_the_other_store_and_never_as_less_than_it_was()
    {
        using var key = await _vault.Writer.CreateAsync((_, _) => { }, default);
        var whole = Layout.WalWhole(Cluster, 1, Segment.Name);
        await SealAsync(key, 0, whole, _bytes);
        _vault.Stores[1].Objects[whole] = [.. _vault.Stores[0].Objects[whole]];
        _vault.Stores[0].Objects[whole][100] ^= 1;

        Assert.True(await FetchAsync(Segment.Name));
        Assert.True((await File.ReadAllBytesAsync(Target)).AsSpan().SequenceEqual(_bytes));
        _vault.Stores[1].Objects[whole] = _vault.Stores[0].Objects[whole];
        await PartAsync(key, 0, 0, 1_000);
        await Assert.ThrowsAsync<DamagedObjectException>(() => FetchAsync(Segment.Name));
        Assert.Equal([Target], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Bytes_before_a_fault_that_shows_late_are_not_taken_for_the_logs()
    {
        using var key = await _vault.Writer.CreateAsync((_, _) => { }, default);
        var whole = Layout.WalWhole(Cluster, 1, Segment.Name);
        var others = new byte[WalSegment.DefaultSize];
        new Random(2).NextBytes(others);
        await SealAsync(key, 0, whole, others);
        _vault.Stores[0].Objects[whole][^20] ^= 1;
        foreach (var offset in Enumerable.Range(0, 8).Select(i => i * (WalSegment.DefaultSize / 8)))
        {
            await PartAsync(key, 1, offset, WalSegment.DefaultSize / 8);
        }

        Assert.True(await FetchAsync(Segment.Name));

        Assert.True((await File.ReadAllBytesAsync(Target)).AsSpan().SequenceEqual(_bytes));
    }

    [Fact]
    public async Task Parts_that_go_for_the_whole_while_they_are_read_are_no_end_of_the_log()
    {
        using var key = await _vault.Writer.CreateAsync((_, _) => { }, default);
        await PartAsync(key, 0, 0, 1_000);
        var part = Layout.WalPart(Cluster, 1, Segment.Name, 0, 1_000);
        var packing = new PackingStore(_vault.Stores[0], part, async () =>
        {
            await SealAsync(key, 0, Layout.WalWhole(Cluster, 1, Segment.Name), _bytes);
            await _vault.Stores[0].DeleteAsync(part, default);
        });

        Assert.True(await new WalSource([packing], _vault.Reader).FetchAsync(Cluster, Segment.Name, Target, default));

        Assert.True((await File.ReadAllBytesAsync(Target)).AsSpan().SequenceEqual(_bytes));
    }

    public void Dispose()
    {
        _vault.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<bool> FetchAsync(string name) => new WalSource([.. _vault.Stores], _vault.Reader).FetchAsync(Cluster, name, Target, default);

    private Task PartAsync(DataKey key, int store, int offset, int length) =>
        SealAsync(key, store, Layout.WalPart(Cluster, 1, Segment.Name, offset, length), _bytes.AsMemory(offset, length));

    private async Task SealAsync(DataKey key, int store, string name, ReadOnlyMemory<byte> bytes)
    {
        await using var writer = new SealedWriter(name, key, SealedCompression.Zstd, await _vault.Stores[store].CreateAsync(name, default));
        await writer.WriteAsync(bytes, default);
        await writer.CompleteAsync(ifAbsent: true, default);
    }

    /// <summary>Does something between the listing of an object and its opening.</summary>
    private sealed class PackingStore(IObjectStore inner, string key, Func<Task> before) : IObjectStore
    {
        private bool _isDone;

        public string Name => inner.Name;

        public Task<ObjectUpload> CreateAsync(string name, CancellationToken cancellationToken) => inner.CreateAsync(name, cancellationToken);

        public async Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken)
        {
            if (name == key && !_isDone)
            {
                _isDone = true;
                await before();
            }
            return await inner.OpenAsync(name, offset, length, cancellationToken);
        }

        public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);
    }
}
