using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace CardanoRwa.Storage;

/// <summary>
/// Requests to one store: repeated while that may help, each attempt and the whole under a time limit, faults told as
/// <see cref="StoreException"/> without secrets. The clients' own retries are off: two layers would multiply.
/// </summary>
internal sealed class StoreCalls
{
    private readonly string _store;
    private readonly StoreOptions _options;
    private readonly Func<Exception, Fault?> _judge;
    private readonly ResiliencePipeline _pipeline;

    /// <param name="judge">What a client's exception means; null for one that is a bug.</param>
    public StoreCalls(string store, StoreOptions options, Func<Exception, Fault?> judge, TimeProvider clock)
    {
        (_store, _options, _judge) = (store, options, judge);
        var builder = new ResiliencePipelineBuilder { TimeProvider = clock };
        builder.AddTimeout(options.Deadline);
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<StoreException>(e => e.IsTransient).Handle<TimeoutRejectedException>(),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(5),
            });
        }
        _pipeline = builder.AddTimeout(options.AttemptTimeout).Build();
    }

    /// <param name="what">What is being done, for the message of a fault.</param>
    /// <param name="request">May run again after an attempt that succeeded without our hearing of it.</param>
    public async Task<T> RunAsync<T>(string what, Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        var attempts = 0;
        StoreException? last = null;
        try
        {
            return await _pipeline.ExecuteAsync(async token =>
            {
                attempts++;
                try
                {
                    return await request(token);
                }
                catch (Exception e) when (token.IsCancellationRequested && e is not OperationCanceledException && _judge(e) is not null)
                {
                    // Some clients answer a cancelled request with the fault that cancelling it caused.
                    throw new OperationCanceledException(token);
                }
                catch (Exception e) when (!token.IsCancellationRequested && e is not StoreException && _judge(e) is { } fault)
                {
                    throw last = Told($"{what}: {fault.Message}", fault.IsTransient, e);
                }
            }, cancellationToken);
        }
        catch (TimeoutRejectedException e)
        {
            throw last ?? Told($"{what}: no answer within {(attempts > 1 ? _options.Deadline : _options.AttemptTimeout).TotalSeconds:0.#} s", isTransient: true, e);
        }
    }

    public Task RunAsync(string what, Func<CancellationToken, Task> request, CancellationToken cancellationToken) =>
        RunAsync(what, async token =>
        {
            await request(token);
            return true;
        }, cancellationToken);

    /// <summary>A client's exception is kept as the cause unless a secret shows in it.</summary>
    private StoreException Told(string message, bool isTransient, Exception cause)
    {
        foreach (var secret in _options.Secrets)
        {
            message = message.Replace(secret, "***", StringComparison.Ordinal);
        }
        var text = cause.ToString();
        return new StoreException(_store, message, isTransient, _options.Secrets.Any(s => text.Contains(s, StringComparison.Ordinal)) ? null : cause);
    }
}

/// <summary>What went wrong at a store.</summary>
internal sealed record Fault(string Message, bool IsTransient)
{
    /// <summary>Faults of the network and of time-outs inside the client, alike for all stores.</summary>
    public static Fault? OfNetwork(Exception e) => e switch
    {
        HttpRequestException or System.Net.Sockets.SocketException => new(e.GetBaseException().Message, IsTransient: true),
        IOException => new(e.GetBaseException().Message, IsTransient: true),
        OperationCanceledException or TimeoutException => new("no answer in time", IsTransient: true),
        _ => null,
    };

    public static bool MayPass(int status) => status is 0 or 408 or 429 or >= 500 and not 501 and not 505;
}
