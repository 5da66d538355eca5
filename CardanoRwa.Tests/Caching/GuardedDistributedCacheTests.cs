using System.Diagnostics;
using CardanoRwa.Core.Caching;
using Microsoft.Extensions.Caching.Distributed;

namespace CardanoRwa.Tests.Caching;

public sealed class GuardedDistributedCacheTests
{
    [Fact]
    public async Task Hanging_cache_costs_one_timeout_and_then_nothing()
    {
        var inner = new ScriptedCache { Behaviour = token => Task.Delay(Timeout.Infinite, CancellationToken.None) };
        var guard = new GuardedDistributedCache(inner, new CacheOptions(), TimeProvider.System);

        var since = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(await guard.GetAsync("k"));
        }

        // A hundred unguarded calls would take for ever; the breaker needs two to open.
        Assert.True(inner.Calls <= 2, $"{inner.Calls} calls reached the hanging cache");
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Failing_cache_reads_as_empty_and_writes_are_dropped()
    {
        var guard = new GuardedDistributedCache(new ScriptedCache { Behaviour = _ => throw new InvalidOperationException("down") }, new CacheOptions(), TimeProvider.System);

        await guard.SetAsync("k", [1], new DistributedCacheEntryOptions());
        await guard.RemoveAsync("k");

        Assert.Null(await guard.GetAsync("k"));
    }

    [Fact]
    public async Task Cache_that_recovers_is_used_again_after_the_break()
    {
        var inner = new ScriptedCache { Behaviour = _ => throw new InvalidOperationException("down") };
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var guard = new GuardedDistributedCache(inner, new CacheOptions(), clock);
        for (var i = 0; i < 5; i++)
        {
            await guard.GetAsync("k");
        }
        var whileBroken = inner.Calls;
        inner.Behaviour = _ => Task.CompletedTask;

        Assert.Null(await guard.GetAsync("k"));
        Assert.Equal(whileBroken, inner.Calls);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal([7], await guard.GetAsync("k"));
    }

    [Fact]
    public async Task Caller_who_gives_up_is_told_so()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        var guard = new GuardedDistributedCache(new ScriptedCache { Behaviour = _ => Task.CompletedTask }, new CacheOptions(), TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guard.GetAsync("k", gone.Token));
    }

    private sealed class ScriptedCache : IDistributedCache
    {
        public required Func<CancellationToken, Task> Behaviour { get; set; }
        public int Calls { get; private set; }

        public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
        {
            Calls++;
            await Behaviour(token);
            return [7];
        }

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => GetAsync(key, token);
        public Task RemoveAsync(string key, CancellationToken token = default) => GetAsync(key, token);
        public Task RefreshAsync(string key, CancellationToken token = default) => GetAsync(key, token);
        public byte[]? Get(string key) => throw new NotSupportedException();
        public void Refresh(string key) => throw new NotSupportedException();
        public void Remove(string key) => throw new NotSupportedException();
        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();
    }
}
