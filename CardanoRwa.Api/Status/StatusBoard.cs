using System.Security.Cryptography;
using System.Text.Json;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Status;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace CardanoRwa.Api.Status;

/// <summary>A page's bytes and the tag that names them.</summary>
internal sealed record StatusAnswer(byte[] Bytes, string ContentType, string ETag)
{
    public static StatusAnswer Of(byte[] bytes, string contentType) => new(bytes, contentType, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..24]}\"");
}

/// <summary>
/// Puts the status together every few seconds, whoever asks or not. Readers get bytes from memory: a crowd costs the database nothing, and
/// when it is away the page tells that, with what was last known.
/// </summary>
internal sealed partial class StatusBoard(RequestTally tally, SchemaState schema, HealthCheckService health, IServiceScopeFactory scopes, TimeProvider clock, ILogger<StatusBoard> logger) : BackgroundService
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _news = new(0, 1);
    private volatile Board? _board;
    private StatusFacts? _facts;
    private Task<StatusFacts>? _reading;
    private bool _isBlind;

    public async Task<StatusAnswer> PageAsync(CancellationToken cancellationToken) => (await CurrentAsync(cancellationToken)).Page;

    public async Task<StatusAnswer> JsonAsync(CancellationToken cancellationToken) => (await CurrentAsync(cancellationToken)).Json;

    /// <summary>Something was told that readers should see at once.</summary>
    public void Nudge()
    {
        if (_news.CurrentCount == 0)
        {
            _news.Release();
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
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e);
            }
            await ((Task)_news.WaitAsync(Turn, stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Board> CurrentAsync(CancellationToken cancellationToken)
    {
        if (_board is null)
        {
            await _first.Task.WaitAsync(cancellationToken);
        }
        return _board!;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var cache = CacheAsync(cancellationToken);
        var answers = await ReadAsync(cancellationToken);
        var (requests, faults) = tally.Recent();
        var document = StatusJudge.Judge(_facts, new ApiFacts(requests, faults, answers, await cache), clock.GetUtcNow());
        _board = new Board(
            StatusAnswer.Of(StatusPage.Write(document), "text/html; charset=utf-8"),
            StatusAnswer.Of(JsonSerializer.SerializeToUtf8Bytes(document, RegistryJson.Default.StatusDocument), "application/json; charset=utf-8"));
        _first.TrySetResult();
    }

    /// <summary>A read that hangs is joined, not repeated, so that a frozen database does not collect them.</summary>
    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_reading is not { IsCompleted: false })
            {
                _reading = Task.Run(() => AskAsync(cancellationToken), cancellationToken);
            }
            _facts = await _reading.WaitAsync(Patience, clock, cancellationToken);
            _isBlind = false;
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is NpgsqlException or RetryLimitExceededException or InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            if (!_isBlind)
            {
                LogBlind(logger, e.GetBaseException().Message);
            }
            _isBlind = true;
            return false;
        }
    }

    private async Task<StatusFacts> AskAsync(CancellationToken cancellationToken)
    {
        if (!await schema.CheckAsync(cancellationToken))
        {
            throw new TimeoutException("The schema is not there yet.");
        }
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<StatusReader>().ReadAsync(cancellationToken);
    }

    private async Task<bool?> CacheAsync(CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(check => check.Name.StartsWith("StackExchange.Redis", StringComparison.Ordinal), cancellationToken);
        return report.Entries.Count == 0 ? null : report.Status == HealthStatus.Healthy;
    }

    public override void Dispose()
    {
        _news.Dispose();
        base.Dispose();
    }

    private sealed record Board(StatusAnswer Page, StatusAnswer Json);

    [LoggerMessage(961, LogLevel.Warning, "The status page shows what was last known: {Reason}")]
    private static partial void LogBlind(ILogger logger, string reason);

    [LoggerMessage(962, LogLevel.Error, "The status could not be put together; it is tried again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
