using CardanoRwa.Cardano.Providers;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Core.Restored;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace CardanoRwa.Worker.Minting;

internal static class MintProcessorSetup
{
    /// <summary>Mints where the settings name a wallet and a chain; elsewhere operations wait for a worker that has them.</summary>
    public static IHostApplicationBuilder AddMintProcessor(this IHostApplicationBuilder builder)
    {
        builder.AddMintDesks();
        if (builder.Configuration.CanMint())
        {
            builder.AddMintProcessing();
            builder.Services.AddHttpClient<Faucet>();
            builder.Services.AddHostedService<MintProcessor>();
        }
        return builder;
    }
}

/// <summary>
/// Makes, sends and follows transactions, turn after turn. It keeps nothing between turns that the database does not:
/// any number of workers run it, and each may die at any point.
/// </summary>
internal sealed partial class MintProcessor(
    IServiceScopeFactory scopes, IServiceProvider services, ChainView chain, ICardanoProvider provider, MintMetrics metrics, IOptions<MintingOptions> options, TimeProvider clock, ILogger<MintProcessor> logger) : BackgroundService
{
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetrySync = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _asked = new(0, 1);
    private readonly SemaphoreSlim _made = new(0, 1);
    private DateTimeOffset _nextSync;
    private DateTimeOffset _nextWatch;
    private string? _told;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        services.GetService<IConnectionMultiplexer>()?.GetSubscriber().Subscribe(RegistryChanges.Requests, (_, _) => Wake(_asked), CommandFlags.FireAndForget);
        // Watching asks the chain and may wait for it; making and sending go on meanwhile.
        await Task.WhenAll(LoopAsync(BuildAsync, _asked, stoppingToken), LoopAsync(SendAsync, _made, stoppingToken), LoopAsync(FollowAsync, null, stoppingToken), WatchTipAsync(stoppingToken));
    }

    /// <param name="step">Returns true when there may be more to do at once.</param>
    /// <param name="wake">Ends the pause between two steps early.</param>
    /// <param name="stoppingToken">Ends the loop.</param>
    private async Task LoopAsync(Func<IServiceProvider, CancellationToken, Task<bool>> step, SemaphoreSlim? wake, CancellationToken stoppingToken)
    {
        var longest = TimeSpan.FromTicks(Math.Max(options.Value.Poll.Ticks, Math.Min(options.Value.IdlePoll.Ticks, options.Value.WatchInterval.Ticks)));
        var idle = TimeSpan.Zero;
        while (!stoppingToken.IsCancellationRequested)
        {
            idle = TimeSpan.FromTicks(Math.Clamp(idle.Ticks * 5 / 4, options.Value.Poll.Ticks, longest.Ticks));
            var pause = idle;
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                if (!await scope.ServiceProvider.GetRequiredService<SchemaState>().CheckAsync(stoppingToken))
                {
                    pause = Breath;
                }
                else if (await scope.ServiceProvider.GetRequiredService<RestoreHold>().FindAsync(stoppingToken) is { } held)
                {
                    await HoldAsync(scope.ServiceProvider, held, step == FollowAsync, stoppingToken);
                    pause = Breath;
                }
                else if (await step(scope.ServiceProvider, stoppingToken))
                {
                    idle = TimeSpan.Zero;
                    continue;
                }
            }
            catch (ProviderException e)
            {
                LogChain(logger, e.Fault, e.Message);
                pause = Breath;
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException { InnerException: NpgsqlException } or TimeoutException)
            {
                LogDatabase(logger, e.GetBaseException().Message);
                pause = Breath;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e);
                pause = Breath;
            }
            var waiting = wake is null ? Task.Delay(pause, clock, stoppingToken) : wake.WaitAsync(pause, stoppingToken);
            await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A database that came out of a backup knows less than the chain: nothing is made, sent or given up on its word.</summary>
    private async Task HoldAsync(IServiceProvider services, HeldRestore held, bool isFollower, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _told, held.RestoreId) != held.RestoreId)
        {
            LogHeld(logger, held.RestoreId, held.IsDrill ? "It is a drill's copy, and stays so." : "Run 'CardanoRwa.Worker chain reconcile --apply --wait'.");
        }
        if (isFollower && held is { IsDrill: false, SeenSlot: null })
        {
            await chain.RefreshAsync(cancellationToken);
            await services.GetRequiredService<RestoreHold>().SeeAsync(held.RestoreId, (long)chain.Tip!.Slot, cancellationToken);
        }
        metrics.Halted = true;
    }

    /// <summary>Asks for the newest block whether the database answers or not: a chain that is there must not seem to be behind.</summary>
    private async Task WatchTipAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                metrics.SeeTip((await provider.GetTipAsync(stoppingToken)).Time);
            }
            catch (ProviderException e)
            {
                LogChain(logger, e.Fault, e.Message);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e);
            }
            await Task.Delay(options.Value.SyncInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> BuildAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (await services.GetRequiredService<MintBuilder>().RunAsync(cancellationToken) == 0)
        {
            return false;
        }
        Wake(_made);
        return true;
    }

    private static Task<bool> SendAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<Submitter>().SendNextAsync(cancellationToken);

    private async Task<bool> FollowAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now >= _nextSync)
        {
            _nextSync = now + RetrySync;
            var sync = services.GetRequiredService<WalletSync>();
            await sync.MeasureQueueAsync(cancellationToken);
            await sync.RunAsync(cancellationToken);
            if (chain.IsSynced)
            {
                _nextSync = now + options.Value.SyncInterval;
            }
            if (await services.GetRequiredService<Faucet>().AskAsync(cancellationToken))
            {
                _nextSync = now + RetrySync;
            }
        }
        if (now >= _nextWatch)
        {
            _nextWatch = now + options.Value.WatchInterval;
            await services.GetRequiredService<Watcher>().RunAsync(cancellationToken);
        }
        return false;
    }

    private static void Wake(SemaphoreSlim loop)
    {
        try
        {
            loop.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake, or will be.
        }
    }

    public override void Dispose()
    {
        _asked.Dispose();
        _made.Dispose();
        base.Dispose();
    }

    [LoggerMessage(3050, LogLevel.Warning, "The chain gives no answer ({Fault}): {Reason}")]
    private static partial void LogChain(ILogger logger, ProviderFault fault, string reason);

    [LoggerMessage(3051, LogLevel.Warning, "The minting processor waits for the database: {Reason}")]
    private static partial void LogDatabase(ILogger logger, string reason);

    [LoggerMessage(3053, LogLevel.Critical, "Minting is halted: this database was restored ({Restore}). {Act}")]
    private static partial void LogHeld(ILogger logger, string restore, string act);

    [LoggerMessage(3052, LogLevel.Error, "A turn of the minting processor failed; what it did is undone and tried again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
