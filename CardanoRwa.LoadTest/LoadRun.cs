using System.Diagnostics;
using System.Net.Sockets;

namespace CardanoRwa.LoadTest;

/// <summary>
/// Sends a profile. Closed loop: each user waits for its answer and thinks. Open loop: request i is due at i/rate, and its latency counts from when it
/// was due, so that a server that stalls is charged with every request that should have been sent meanwhile (no coordinated omission).
/// </summary>
internal sealed class LoadRun(Target target, Profile profile, IReadOnlyList<RequestBytes> mix, long first = 0)
{
    private readonly Dictionary<string, Meter> _meters = mix.Select(m => m.Name).Distinct().ToDictionary(n => n, n => new Meter(n));
    private readonly List<Second> _seconds = [];
    private string? _fault;
    private long _next = first - 1;

    public IReadOnlyCollection<Meter> Meters => _meters.Values;
    public IReadOnlyList<Second> Seconds => _seconds;

    /// <summary>The number of the next request: where another run goes on, so that it does not ask again for what this one did.</summary>
    public long Next => Volatile.Read(ref _next) + 1;

    /// <summary>What the first failure was.</summary>
    public string? Fault => _fault;

    /// <summary>How long was measured.</summary>
    public TimeSpan Took { get; private set; }

    /// <param name="tick">Called each second.</param>
    /// <param name="cancellationToken">Ends the run early; what was measured is kept.</param>
    public async Task RunAsync(Action<LoadRun> tick, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var began = Stopwatch.GetTimestamp();
        var users = Enumerable.Range(0, profile.Users).Select(u => Task.Run(() => profile.RatePerSecond is { } rate ? OpenAsync(began, rate, stop.Token) : ClosedAsync(u, stop.Token), CancellationToken.None)).ToArray();
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(profile.WarmUpSeconds), cancellationToken);
            foreach (var meter in _meters.Values)
            {
                meter.Clear();
            }
            var measured = Stopwatch.GetTimestamp();
            for (var second = 1; second <= profile.Seconds && !cancellationToken.IsCancellationRequested; second++)
            {
                var due = TimeSpan.FromSeconds(second) - Stopwatch.GetElapsedTime(measured);
                await Task.Delay(due > TimeSpan.Zero ? due : TimeSpan.Zero, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Took = Stopwatch.GetElapsedTime(measured);
                TakeSecond(second);
                tick(this);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ended in the warm-up: nothing was measured.
        }
        await stop.CancelAsync();
        await Task.WhenAll(users);
    }

    private void TakeSecond(int second)
    {
        var all = Meter.Empty();
        foreach (var meter in _meters.Values)
        {
            all.Add(meter.Take());
        }
        _seconds.Add(new Second(second, all.TotalCount, Percentiles.Of(all)));
    }

    private async Task ClosedAsync(int user, CancellationToken cancellationToken)
    {
        using var wire = target.Open();
        var buffer = Array.Empty<byte>();
        var think = TimeSpan.FromSeconds(profile.ThinkSeconds);
        try
        {
            // Users that think begin spread over their pause, not all at one moment.
            await Task.Delay(think * (user / (double)profile.Users), cancellationToken);
            for (var step = user; !cancellationToken.IsCancellationRequested; step++)
            {
                await SendAsync(wire, mix[step % mix.Count], Interlocked.Increment(ref _next), Stopwatch.GetTimestamp(), ref buffer, cancellationToken);
                if (think > TimeSpan.Zero)
                {
                    await Task.Delay(think, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end of the run.
        }
    }

    private async Task OpenAsync(long began, double rate, CancellationToken cancellationToken)
    {
        using var wire = target.Open();
        var buffer = Array.Empty<byte>();
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var number = Interlocked.Increment(ref _next);
                var due = began + (long)((number - first) / rate * Stopwatch.Frequency);
                if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } early)
                {
                    await Task.Delay(early, cancellationToken);
                }
                // A timer is late by up to a millisecond; that is the sender's, not the server's.
                var late = Stopwatch.GetTimestamp() - due;
                await SendAsync(wire, mix[(int)(number % mix.Count)], number, late < Stopwatch.Frequency / 500 ? due + late : due, ref buffer, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end of the run.
        }
    }

    private Task SendAsync(Wire wire, RequestBytes request, long number, long since, ref byte[] buffer, CancellationToken cancellationToken) =>
        SendAsync(wire, request, request.Write(number, ref buffer), since, cancellationToken);

    private async Task SendAsync(Wire wire, RequestBytes request, ReadOnlyMemory<byte> bytes, long since, CancellationToken cancellationToken)
    {
        var meter = _meters[request.Name];
        try
        {
            var answer = await wire.SendAsync(bytes, cancellationToken);
            meter.Add(Stopwatch.GetTimestamp() - since, answer.DatabaseMilliseconds);
            if (answer.Status != request.Expect)
            {
                Fail(meter, $"'{request.Name}' was answered {answer.Status}, not {request.Expect}.");
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            meter.Add(Stopwatch.GetTimestamp() - since, double.NaN);
            Fail(meter, $"'{request.Name}': {e.Message}");
            await Task.Delay(50, cancellationToken); // not a storm of connections on a server that is down
        }
    }

    private void Fail(Meter meter, string fault)
    {
        meter.Fail();
        Interlocked.CompareExchange(ref _fault, fault, null);
    }
}
