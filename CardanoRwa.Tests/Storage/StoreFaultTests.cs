using System.Diagnostics;
using System.Security.Cryptography;
using CardanoRwa.Storage;

namespace CardanoRwa.Tests.Storage;

/// <summary>Stores that answer wrongly, late or never.</summary>
public sealed class StoreFaultTests : IAsyncLifetime
{
    private S3Stub _stub = null!;

    public async Task InitializeAsync() => _stub = await S3Stub.StartAsync();

    public async Task DisposeAsync() => await _stub.DisposeAsync();

    [Theory, InlineData(429), InlineData(500), InlineData(503)]
    public async Task Fault_that_passes_is_waited_out(int status)
    {
        _stub.Status = status;
        _stub.Fault = (_, _) => _stub.Requests % 3 == 0 ? StoreFault.None : StoreFault.Refuses;
        var store = Store(_ => { });

        Assert.True(await WriteAsync(store, "a", 9 << 20));
        Assert.Equal(9 << 20, (await store.FindAsync("a", default))!.Length);
        Assert.Single(await store.ListAsync("", default).ToListAsync());
    }

    [Fact]
    public async Task Refused_credentials_are_told_at_once_and_not_tried_again()
    {
        (_stub.Status, _stub.Fault) = (403, (_, _) => StoreFault.Refuses);

        var fault = await Assert.ThrowsAsync<StoreException>(() => WriteAsync(Store(_ => { }), "a", 10));

        Assert.False(fault.IsTransient);
        Assert.Equal(1, _stub.Requests);
        Assert.Contains("403 SignatureDoesNotMatch", fault.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(10), InlineData(9 << 20)]
    public async Task Hung_store_ends_an_upload_within_its_deadline(int size)
    {
        _stub.Fault = (_, _) => StoreFault.Hangs;
        var store = Store(o => (o.AttemptTimeout, o.Deadline) = (TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(1)));
        var since = Stopwatch.GetTimestamp();

        var fault = await Assert.ThrowsAsync<StoreException>(() => WriteAsync(store, "a", size));

        Assert.True(fault.IsTransient);
        Assert.Contains("no answer within", fault.Message, StringComparison.Ordinal);
        // Beside the deadline, an upload in parts waits up to 10 s to be rid of what it sent.
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task Store_that_hangs_once_is_asked_again()
    {
        var hung = 0;
        _stub.Fault = (method, _) => method == "GET" && Interlocked.Increment(ref hung) == 1 ? StoreFault.Hangs : StoreFault.None;
        var store = Store(o => o.AttemptTimeout = TimeSpan.FromSeconds(0.3));
        await WriteAsync(store, "a", 1_000);

        Assert.Equal(1_000, (await ReadAsync(store, "a")).Length);
    }

    [Fact]
    public async Task Body_that_breaks_off_is_read_on_from_there()
    {
        var store = Store(_ => { });
        var bytes = RandomNumberGenerator.GetBytes(5_000_000);
        _stub.Objects["a"] = (bytes, null);
        var gets = 0;
        _stub.Fault = (_, _) => ++gets < 4 ? StoreFault.Truncates : StoreFault.None;

        Assert.True((await ReadAsync(store, "a")).AsSpan().SequenceEqual(bytes));
        Assert.Equal(4, gets);
    }

    [Fact]
    public async Task Body_that_always_breaks_off_is_an_error_and_never_an_end()
    {
        _stub.Objects["a"] = (new byte[1_000_000], null);
        var first = true;
        _stub.Fault = (_, _) => first && !(first = false) ? StoreFault.Truncates : StoreFault.Refuses;

        var fault = await Assert.ThrowsAsync<StoreException>(() => ReadAsync(Store(o => o.Retries = 1), "a"));

        Assert.True(fault.IsTransient);
    }

    [Theory, InlineData(10, "PUT"), InlineData(9 << 20, "POST")]
    public async Task Writer_whose_answer_was_lost_knows_its_own_object(int size, string method)
    {
        var lost = false;
        _stub.Fault = (m, query) => m == method && !query.Contains("uploads", StringComparison.Ordinal) && !lost && (lost = true) ? StoreFault.LosesTheAnswer : StoreFault.None;
        var store = Store(_ => { });

        Assert.True(await WriteAsync(store, "a", size));

        Assert.True(lost);
        Assert.False(await WriteAsync(store, "a", size));
        Assert.Equal(0, _stub.OpenUploads);
    }

    [Fact]
    public async Task List_that_fails_on_its_second_page_is_an_error_and_not_a_short_list()
    {
        var store = Store(o => o.Retries = 0);
        for (var i = 0; i < 5; i++)
        {
            _stub.Objects[$"a{i}"] = ([1], null);
        }
        _stub.Fault = (_, query) => query.Contains("continuation-token", StringComparison.Ordinal) ? StoreFault.Refuses : StoreFault.None;

        await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync("", default).ToListAsync());
    }

    [Fact]
    public async Task Secrets_show_in_no_fault()
    {
        var options = new StoreOptions
        {
            Kind = StoreOptions.Azure,
            Container = "c",
            Endpoint = "http://127.0.0.1:1/account",
            SasToken = "sv=2024-01-01&sig=very-secret-signature",
            Retries = 0,
        };
        var azure = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.Create("azure", options, TimeProvider.System).FindAsync("a", default));
        (_stub.Status, _stub.Fault) = (403, (_, _) => StoreFault.Refuses);
        var s3 = await Assert.ThrowsAsync<StoreException>(() => WriteAsync(Store(_ => { }), "a", 10));

        Assert.DoesNotContain("very-secret-signature", azure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret-of-the-stub", s3.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_of_the_settings_are_told_all_at_once_and_without_values()
    {
        var options = new StoresOptions();
        options.Stores["One"] = new StoreOptions { Kind = "ftp" };
        options.Stores["two"] = new StoreOptions { Kind = StoreOptions.S3, SecretKey = "hidden-value", Endpoint = "nowhere", PartMebibytes = 1 };
        options.Stores["three"] = new StoreOptions { Kind = StoreOptions.Azure, ConnectionString = "hidden-value", SasToken = "hidden-value" };
        options.Stores["four"] = new StoreOptions { Kind = StoreOptions.Folder, Path = "relative", Prefix = "../up" };

        var failures = new StoreOptionsCheck().Validate(null, options).Failures!.ToList();

        Assert.Equal(10, failures.Count);
        Assert.DoesNotContain(failures, f => f.Contains("hidden-value", StringComparison.Ordinal));
        Assert.Contains("Recovery:Stores:two:Bucket is missing.", failures);
    }

    private IObjectStore Store(Action<StoreOptions> change)
    {
        var options = _stub.Options();
        change(options);
        return StoreFactory.Create("stub", options, TimeProvider.System);
    }

    private static async Task<bool> WriteAsync(IObjectStore store, string key, int size)
    {
        await using var upload = await store.CreateAsync(key, default);
        await upload.WriteAsync(new byte[size], default);
        return await upload.CompleteAsync(ifAbsent: true, default);
    }

    private static async Task<byte[]> ReadAsync(IObjectStore store, string key)
    {
        await using var stream = (await store.OpenAsync(key, 0, null, default))!;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
