using System.Text.Json;
using CardanoRwa.Core;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Worker.Jobs;

/// <summary>One claim of a job: runs its handler, says that it goes on, and writes down how it ended.</summary>
internal sealed partial class JobRun(IJobHandler handler, Job job, IServiceScopeFactory scopes, TimeProvider clock, ILogger logger) : IProgress<JobProgress>
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);
    private volatile JobProgress? _progress;
    private volatile bool _isCancelled;
    private volatile bool _isLost;

    void IProgress<JobProgress>.Report(JobProgress value) =>
        _progress = new JobProgress(Math.Clamp(value.Fraction, 0, 1), value.Step is { Length: > 200 } step ? step[..200] : value.Step);

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        LogStarted(logger, job.Id, job.Kind, job.Attempts);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using var beating = new CancellationTokenSource();
        var beats = BeatAsync(ending, beating.Token);
        Result<RawJson>? outcome = null;
        try
        {
            outcome = await handler.RunAsync(JsonElement.Parse(job.Parameters), this, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Which of its three causes it was, is looked at below.
        }
        catch (Exception e)
        {
            LogFailed(logger, e, job.Id, job.Kind);
            outcome = new Refusal(RefusalKind.Unprocessable, "job_failed", "The worker met an error that it did not expect.", $"Look for job {job.Id} in the worker's log.");
        }
        await EndAsync(outcome, stoppingToken);
        await beating.CancelAsync();
        await beats;
    }

    private async Task EndAsync(Result<RawJson>? outcome, CancellationToken stoppingToken)
    {
        while (!_isLost)
        {
            try
            {
                // A worker that stops has a moment to say so; then silence tells.
                using var farewell = stoppingToken.IsCancellationRequested ? new CancellationTokenSource(Farewell, clock) : null;
                await using var scope = scopes.CreateAsyncScope();
                var counts = await WriteAsync(scope.ServiceProvider.GetRequiredService<JobQueue>(), outcome, farewell?.Token ?? stoppingToken);
                if (counts)
                {
                    LogEnded(logger, job.Id, job.Kind);
                    return;
                }
                break;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogUnsaved(logger, e, job.Id);
                await Task.Delay(Idle, clock, stoppingToken);
            }
        }
        LogLost(logger, job.Id, job.Kind);
    }

    private Task<bool> WriteAsync(JobQueue queue, Result<RawJson>? outcome, CancellationToken cancellationToken) => outcome switch
    {
        null when _isCancelled => queue.CancelAsync(job, cancellationToken),
        null => queue.ReleaseAsync(job, handler.WhenOrphaned, cancellationToken),
        { } known when known.IsRefused(out var refusal, out var result) => queue.FailAsync(job, refusal, cancellationToken),
        { } known => queue.SucceedAsync(job, known.Value, cancellationToken),
    };

    private async Task BeatAsync(CancellationTokenSource ending, CancellationToken cancellationToken)
    {
        var (told, at, heard) = ((JobProgress?)null, clock.GetTimestamp(), clock.GetTimestamp());
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Beat, clock, cancellationToken);
                if (_progress == told && clock.GetElapsedTime(at) < Idle)
                {
                    continue;
                }
                (told, at) = (_progress, clock.GetTimestamp());
                await using var scope = scopes.CreateAsyncScope();
                var answer = await scope.ServiceProvider.GetRequiredService<JobQueue>().BeatAsync(job, told, cancellationToken);
                heard = clock.GetTimestamp();
                (_isCancelled, _isLost) = (answer == true, answer is null);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogNoBeat(logger, e.GetBaseException().Message, job.Id);
                // Others may begin it anew from now on, so this one must not go on.
                _isLost = clock.GetElapsedTime(heard) > JobQueue.Silence;
            }
            if (_isCancelled || _isLost)
            {
                await ending.CancelAsync();
                return;
            }
        }
    }

    [LoggerMessage(4602, LogLevel.Information, "Job {Id} ({Kind}) begins, attempt {Attempt}.")]
    private static partial void LogStarted(ILogger logger, Guid id, string kind, int attempt);

    [LoggerMessage(4603, LogLevel.Information, "Job {Id} ({Kind}) is over.")]
    private static partial void LogEnded(ILogger logger, Guid id, string kind);

    [LoggerMessage(4604, LogLevel.Error, "Job {Id} ({Kind}) failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception, Guid id, string kind);

    [LoggerMessage(4605, LogLevel.Warning, "How job {Id} ended could not be written down; it is tried again.")]
    private static partial void LogUnsaved(ILogger logger, Exception exception, Guid id);

    [LoggerMessage(4606, LogLevel.Warning, "Job {Id} ({Kind}) is no longer this worker's; what it came to here does not count.")]
    private static partial void LogLost(ILogger logger, Guid id, string kind);

    [LoggerMessage(4607, LogLevel.Warning, "The database does not hear that job {Id} goes on: {Reason}")]
    private static partial void LogNoBeat(ILogger logger, string reason, Guid id);
}
