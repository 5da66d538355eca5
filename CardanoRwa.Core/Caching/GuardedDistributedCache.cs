using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace CardanoRwa.Core.Caching;

/// <summary>
/// Bounds what a slow or absent Redis can cost: one time-out of <see cref="CacheOptions.Timeout"/>, then the breaker
/// answers 'not found' at once until a probe succeeds. The registry is complete without Redis.
/// </summary>
public sealed class GuardedDistributedCache : IBufferDistributedCache
{
    private readonly IDistributedCache _inner;
    private readonly ResiliencePipeline _pipeline;

    public GuardedDistributedCache(IDistributedCache inner, CacheOptions options, TimeProvider clock)
    {
        _inner = inner;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // Any single failure opens it: the cost of Redis being away is paid once, not once per read.
                FailureRatio = 1e-6,
                MinimumThroughput = 2,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = options.BreakDuration,
                ShouldHandle = new PredicateBuilder().Handle<Exception>(e => e is not OperationCanceledException),
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = options.Timeout })
            .Build();
    }

    public byte[]? Get(string key) => throw Blocking();
    public void Refresh(string key) => throw Blocking();
    public void Remove(string key) => throw Blocking();
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw Blocking();
    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => throw Blocking();
    public bool TryGet(string key, IBufferWriter<byte> destination) => throw Blocking();

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        GuardAsync(t => _inner.GetAsync(key, t), null, token);

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        // Not the buffer-writing call of the inner cache: after a time-out it could still be writing into a buffer that has been returned.
        if (await GetAsync(key, token) is not { } bytes)
        {
            return false;
        }
        destination.Write(bytes);
        return true;
    }

    public Task RefreshAsync(string key, CancellationToken token = default) =>
        GuardAsync(async t => { await _inner.RefreshAsync(key, t); return true; }, false, token);

    public Task RemoveAsync(string key, CancellationToken token = default) =>
        GuardAsync(async t => { await _inner.RemoveAsync(key, t); return true; }, false, token);

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        GuardAsync(async t => { await _inner.SetAsync(key, value, options, t); return true; }, false, token);

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        await SetAsync(key, value.ToArray(), options, token);

    private async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> call, T otherwise, CancellationToken token)
    {
        var outcome = await _pipeline.ExecuteOutcomeAsync(async (context, _) =>
        {
            try
            {
                // StackExchange.Redis does not observe tokens once a command is written, so the wait itself is bounded.
                return Outcome.FromResult(await call(context.CancellationToken).WaitAsync(context.CancellationToken));
            }
            catch (Exception e)
            {
                return Outcome.FromException<T>(e);
            }
        }, ResilienceContextPool.Shared.Get(token), 0);
        token.ThrowIfCancellationRequested();
        return outcome.Exception is null ? outcome.Result! : otherwise;
    }

    private static NotSupportedException Blocking() => new("Use the asynchronous calls.");
}
