using CardanoRwa.Core.Data;
using CardanoRwa.Core.Status;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CardanoRwa.Api.Status;

/// <summary>Writes the tally down. While the database is away the minutes wait in memory: those are the ones that matter.</summary>
internal sealed partial class RequestLedger(RequestTally tally, SchemaState schema, IServiceScopeFactory scopes, TimeProvider clock, ILogger<RequestLedger> logger) : BackgroundService
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Turn, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var farewell = stoppingToken.IsCancellationRequested ? new CancellationTokenSource(Farewell, clock) : null;
            await WriteAsync(farewell?.Token ?? stoppingToken);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            var minutes = tally.Unwritten();
            if (minutes.Count > 0 && await schema.CheckAsync(cancellationToken))
            {
                await using var scope = scopes.CreateAsyncScope();
                await RequestMinutes.PutAsync(scope.ServiceProvider.GetRequiredService<RwaDbContext>(), tally.Replica, minutes, cancellationToken);
                tally.Wrote(minutes);
            }
            _isFailing = false;
        }
        catch (Exception e) when (e is NpgsqlException or RetryLimitExceededException or InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            tally.Wrote([]);
            if (!_isFailing && !cancellationToken.IsCancellationRequested)
            {
                LogWaiting(logger, e.GetBaseException().Message);
            }
            _isFailing = true;
        }
    }

    [LoggerMessage(960, LogLevel.Warning, "The counts of requests wait in memory: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
