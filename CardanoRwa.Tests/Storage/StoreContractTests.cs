using System.Security.Cryptography;
using CardanoRwa.Storage;

namespace CardanoRwa.Tests.Storage;

/// <summary>What every kind of store promises, against a file system, Azurite and s3rver, and against a server of ours that knows If-None-Match.</summary>
public sealed class StoreContractTests(ObjectServers servers) : IClassFixture<ObjectServers>, IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _stubs = [];
    private readonly string _folder = $"t{Guid.NewGuid():N}/";

    public static TheoryData<string> Kinds => ["folder", "azure", "s3", "stub"];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var stub in _stubs)
        {
            await stub.DisposeAsync();
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Check_passes(string kind)
    {
        var steps = await StoreCheck.RunAsync(await StoreAsync(kind), 12 << 20, default).ToListAsync();

        Assert.Equal(10, steps.Count);
        Assert.All(steps, s => Assert.Null(s.Fault));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Large_object_written_in_odd_pieces_reads_back_whole_and_in_ranges(string kind)
    {
        var store = await StoreAsync(kind);
        var bytes = RandomNumberGenerator.GetBytes((21 << 20) + 17);
        await using (var upload = await store.CreateAsync(_folder + "large", default))
        {
            for (var at = 0; at < bytes.Length;)
            {
                var piece = Math.Min(700_001, bytes.Length - at);
                await upload.WriteAsync(bytes.AsMemory(at, piece), default);
                at += piece;
            }
            Assert.Null(await store.FindAsync(_folder + "large", default));
            Assert.True(await upload.CompleteAsync(ifAbsent: true, default));
        }

        Assert.Equal(bytes.Length, (await store.FindAsync(_folder + "large", default))!.Length);
        Assert.True((await ReadAsync(store, "large", 0, null)).AsSpan().SequenceEqual(bytes));
        Assert.True((await ReadAsync(store, "large", 9 << 20, 5_000_000)).AsSpan().SequenceEqual(bytes.AsSpan(9 << 20, 5_000_000)));
        Assert.True((await ReadAsync(store, "large", bytes.Length - 5, 100)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - 5)));
        Assert.Empty((await ReadAsync(store, "large", bytes.Length + 5, null))!);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Upload_given_up_leaves_nothing(string kind)
    {
        var store = await StoreAsync(kind);
        await using (var upload = await store.CreateAsync(_folder + "half", default))
        {
            await upload.WriteAsync(new byte[17 << 20], default);
        }

        Assert.Null(await store.FindAsync(_folder + "half", default));
        Assert.Null(await store.OpenAsync(_folder + "half", 0, null, default));
        Assert.Empty(await store.ListAsync(_folder, default).ToListAsync());
    }

    // s3rver sorts as a language does, not by bytes as S3 promises.
    [Theory, InlineData("folder"), InlineData("azure"), InlineData("stub")]
    public async Task List_is_in_order_of_keys_and_over_pages(string kind)
    {
        var store = await StoreAsync(kind);
        var keys = new[] { "a-b", "a/b", "a/c/d", "a0", "b", "a/b-c", "a/B" }.Select(k => _folder + k).ToList();
        foreach (var key in keys)
        {
            Assert.True(await WriteAsync(store, key, [1], ifAbsent: false));
        }

        Assert.Equal(keys.Order(StringComparer.Ordinal), (await store.ListAsync(_folder, default).ToListAsync()).Select(o => o.Key));
        Assert.Equal(keys.Where(k => k.StartsWith(_folder + "a/", StringComparison.Ordinal)).Order(StringComparer.Ordinal), (await store.ListAsync(_folder + "a/", default).ToListAsync()).Select(o => o.Key));
        Assert.Equal(2, (await store.ListAsync(_folder + "a/b", default).ToListAsync()).Count);
        Assert.Empty(await store.ListAsync(_folder + "absent/", default).ToListAsync());
    }

    [Theory]
    [InlineData("folder", 100), InlineData("azure", 100), InlineData("stub", 100)]
    [InlineData("folder", 9 << 20), InlineData("azure", 9 << 20), InlineData("stub", 9 << 20)]
    public async Task One_of_many_that_create_a_key_at_once_wins_and_stays(string kind, int size)
    {
        var store = await StoreAsync(kind);
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 6).Select(async i =>
        {
            var bytes = new byte[size];
            Array.Fill(bytes, (byte)i);
            return (Id: (byte)i, Won: await WriteAsync(store, _folder + "raced", bytes, ifAbsent: true));
        }));

        var winner = Assert.Single(outcomes, o => o.Won);
        Assert.All((await ReadAsync(store, "raced", 0, null))!, b => Assert.Equal(winner.Id, b));
        Assert.True(await WriteAsync(store, _folder + "raced", [7], ifAbsent: false));
        Assert.Equal([7], await ReadAsync(store, "raced", 0, null));
    }

    [Theory]
    [InlineData("folder"), InlineData("azure"), InlineData("s3")]
    public async Task Missing_place_is_an_error_and_not_an_empty_store(string kind)
    {
        var options = servers.Options(kind);
        (options.Create, options.Bucket, options.Container, options.Path) = (false, "nobodys", "nobodys", Path.Combine(servers.Folder, "nobodys"));
        var store = StoreFactory.Create("lost", options, TimeProvider.System);

        await Assert.ThrowsAsync<StoreException>(() => store.FindAsync("some/key", default));
        await Assert.ThrowsAsync<StoreException>(() => store.OpenAsync("some/key", 0, null, default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync("", default).ToListAsync());
        Assert.False((await Assert.ThrowsAsync<StoreException>(() => WriteAsync(store, "some/key", [1], ifAbsent: true))).IsTransient);
    }

    [Theory]
    [InlineData(""), InlineData("/a"), InlineData("a//b"), InlineData("../a"), InlineData("a/.."), InlineData(".unfinished/a"), InlineData("a\\b"), InlineData("a b"), InlineData("é")]
    public async Task Key_that_would_mean_something_else_somewhere_is_refused(string key) =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await (await StoreAsync("folder")).FindAsync(key, default));

    private async Task<IObjectStore> StoreAsync(string kind)
    {
        if (kind != "stub")
        {
            return StoreFactory.Create(kind, servers.Options(kind), TimeProvider.System);
        }
        var stub = await S3Stub.StartAsync();
        _stubs.Add(stub);
        return StoreFactory.Create(kind, stub.Options(), TimeProvider.System);
    }

    private static async Task<bool> WriteAsync(IObjectStore store, string key, byte[] bytes, bool ifAbsent)
    {
        await using var upload = await store.CreateAsync(key, default);
        await upload.WriteAsync(bytes, default);
        return await upload.CompleteAsync(ifAbsent, default);
    }

    private async Task<byte[]?> ReadAsync(IObjectStore store, string name, long offset, long? length)
    {
        await using var stream = await store.OpenAsync(_folder + name, offset, length, default);
        if (stream is null)
        {
            return null;
        }
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
