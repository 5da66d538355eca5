using System.Collections.Concurrent;
using System.Diagnostics;
using CardanoRwa.Core.Status;
using Microsoft.AspNetCore.Http.Metadata;

namespace CardanoRwa.Api.Status;

/// <summary>
/// Counts requests to the Api and server's faults by the minute, as the alerts do: a fault is a 5xx, or a request that its client gave up after
/// five seconds; one that was given up at once is no request, and what no route matches is not counted.
/// </summary>
internal sealed class RequestTally(TimeProvider clock)
{
    private const int Most = 24 * 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<long, Minute> _minutes = new();

    public Guid Replica { get; } = Guid.NewGuid();

    public async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        // As it was matched: handlers of exceptions take it away.
        if (!context.Request.Path.StartsWithSegments("/api") || context.GetEndpoint() is not { } endpoint)
        {
            await next(context);
            return;
        }
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        catch
        {
            Count(isFault: !context.RequestAborted.IsCancellationRequested);
            throw;
        }
        var status = context.Response.StatusCode;
        if (status != StatusCodes.Status499ClientClosedRequest)
        {
            Count(isFault: status >= 500);
        }
        else if (Stopwatch.GetElapsedTime(started) > Patience && !TakesLong(endpoint))
        {
            Count(isFault: true);
        }
    }

    /// <summary>Requests and faults of the last five minutes.</summary>
    public (long Requests, long Faults) Recent()
    {
        var since = MinuteOf(clock.GetUtcNow()) - 5;
        var recent = _minutes.Where(m => m.Key > since).Select(m => m.Value).ToList();
        return (recent.Sum(m => m.Requests), recent.Sum(m => m.Faults));
    }

    /// <summary>Minutes that grew since they were last written.</summary>
    public IReadOnlyList<RequestMinute> Unwritten() =>
        [.. _minutes.Where(m => m.Value.Requests > m.Value.Written).Select(m => new RequestMinute { Minute = DateTimeOffset.FromUnixTimeSeconds(m.Key * 60), Replica = Replica, Requests = m.Value.Requests, Faults = m.Value.Faults })];

    /// <summary>Forgets what is written and over; and what is too much to keep, oldest first.</summary>
    public void Wrote(IReadOnlyList<RequestMinute> minutes)
    {
        foreach (var written in minutes)
        {
            if (_minutes.TryGetValue(MinuteOf(written.Minute), out var minute))
            {
                minute.Written = written.Requests;
            }
        }
        var old = MinuteOf(clock.GetUtcNow()) - 6;
        foreach (var (key, minute) in _minutes.OrderBy(m => m.Key))
        {
            if (key < old && (minute.Written == minute.Requests || _minutes.Count > Most))
            {
                _minutes.TryRemove(key, out _);
            }
        }
    }

    /// <summary>Counts one that was answered now.</summary>
    public void Count(bool isFault) => _minutes.GetOrAdd(MinuteOf(clock.GetUtcNow()), _ => new Minute()).Add(isFault);

    private static long MinuteOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 60;

    /// <summary>What streams lasts as long as its client likes.</summary>
    private static bool TakesLong(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route is { } route
        && (route.EndsWith("/events", StringComparison.Ordinal) || route.EndsWith("/import", StringComparison.Ordinal) || route.EndsWith("/content", StringComparison.Ordinal) || route.EndsWith("evidence/", StringComparison.Ordinal));

    private sealed class Minute
    {
        private long _requests, _faults;

        public long Requests => Interlocked.Read(ref _requests);
        public long Faults => Interlocked.Read(ref _faults);
        public long Written { get; set; }

        public void Add(bool isFault)
        {
            // Faults first: a reader between the two must not see a fault fewer than there are among its requests.
            if (isFault)
            {
                Interlocked.Increment(ref _faults);
            }
            Interlocked.Increment(ref _requests);
        }
    }
}
