using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CardanoRwa.Api.Minting;

/// <summary>Looks after all operations that clients of this process follow with one query a turn, however many clients there are.</summary>
internal sealed partial class OperationWatch(IServiceScopeFactory scopes, TimeProvider clock, ILogger<OperationWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<Follower, byte> _followers = new();

    /// <summary>Views that differ from <paramref name="known"/> and from each other; a slow reader gets the newest, not all.</summary>
    public async IAsyncEnumerable<OperationView> FollowAsync(OperationView known, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var follower = new Follower(known);
        _followers.TryAdd(follower, 0);
        try
        {
            await foreach (var view in follower.Changes.Reader.ReadAllAsync(cancellationToken))
            {
                yield return view;
            }
        }
        finally
        {
            _followers.TryRemove(follower, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or RetryLimitExceededException or InvalidOperationException or TimeoutException && !stoppingToken.IsCancellationRequested)
            {
                LogBlind(logger, e.GetBaseException().Message);
            }
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var followers = _followers.Keys.ToList();
        if (followers.Count == 0)
        {
            return;
        }
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
        var ids = followers.Select(f => f.Last.Id).Distinct().ToList();
        var operations = await db.Operations.AsNoTracking().Where(o => ids.Contains(o.Id)).ToListAsync(cancellationToken);
        var views = (await scope.ServiceProvider.GetRequiredService<OperationReader>().ViewAsync(operations, cancellationToken)).ToDictionary(v => v.Id);
        foreach (var follower in followers)
        {
            if (views.TryGetValue(follower.Last.Id, out var view) && view != follower.Last)
            {
                follower.Last = view;
                follower.Changes.Writer.TryWrite(view);
            }
        }
    }

    private sealed class Follower(OperationView known)
    {
        public OperationView Last { get; set; } = known;
        public Channel<OperationView> Changes { get; } = Channel.CreateBounded<OperationView>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });
    }

    [LoggerMessage(3060, LogLevel.Warning, "Operations cannot be followed right now: {Reason}")]
    private static partial void LogBlind(ILogger logger, string reason);
}

internal static class OperationWatchSetup
{
    public static IHostApplicationBuilder AddOperationWatch(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<OperationWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OperationWatch>());
        return builder;
    }
}
