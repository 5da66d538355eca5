using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CardanoRwa.Core.Data;

/// <summary>
/// Carries out together what is asked at about the same moment: while a lane is at the database, what comes meanwhile gathers and is its next round.
/// No timer holds anything up: with nobody else about, a round is one request, and it begins at once.
/// </summary>
/// <param name="lanes">Rounds that may be under way at once; each takes a connection while there is something to do.</param>
/// <param name="most">Of one round.</param>
/// <param name="begin">Makes what a lane works with until it finds nothing more to do.</param>
/// <param name="patience">How long a round is under way before another lane takes what waits; zero where rounds do not wait for the same thing.</param>
internal sealed class Gathering<T>(int lanes, int most, Func<RoundWorker<T>> begin, TimeSpan patience = default) where T : class, IAsked
{
    private readonly ConcurrentQueue<T> _waiting = new();
    private int _running;
    private int _isLooking;
    private long _began;

    public void Add(T item)
    {
        _waiting.Enqueue(item);
        if (TryEnter())
        {
            Start();
        }
        else if (patience > TimeSpan.Zero && Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static gathering => _ = gathering.LookAsync(), this, preferLocal: false);
        }
    }

    // Unsafe: the lane outlives the request that happened to start it, and nothing of that request's context may cling to it.
    private void Start() => ThreadPool.UnsafeQueueUserWorkItem(static gathering => _ = gathering.WorkAsync(), this, preferLocal: false);

    /// <summary>What waits behind a round that something holds up is not held up with it.</summary>
    private async Task LookAsync()
    {
        do
        {
            while (!_waiting.IsEmpty)
            {
                await Task.Delay(patience);
                if (!_waiting.IsEmpty && TryEnter())
                {
                    Start();
                }
            }
            Volatile.Write(ref _isLooking, 0);
        }
        // Something may have come after the last look and before this one was over.
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _isLooking, 1) == 0);
    }

    private async Task WorkAsync()
    {
        do
        {
            await using (var worker = begin())
            {
                while (Take() is { Count: > 0 } round)
                {
                    Volatile.Write(ref _began, Stopwatch.GetTimestamp());
                    await worker.CarryOutAsync(round);
                }
            }
            Interlocked.Decrement(ref _running);
        }
        // Something may have come after the last look and before the lane was given up.
        while (!_waiting.IsEmpty && TryEnter());
    }

    private List<T> Take()
    {
        var round = new List<T>();
        while (round.Count < most && _waiting.TryDequeue(out var item))
        {
            round.Add(item);
        }
        return round;
    }

    private bool TryEnter()
    {
        var running = Volatile.Read(ref _running);
        if (running >= lanes || (running > 0 && patience > TimeSpan.Zero && Stopwatch.GetElapsedTime(Volatile.Read(ref _began)) < patience))
        {
            return false;
        }
        if (Interlocked.Increment(ref _running) <= lanes)
        {
            Volatile.Write(ref _began, Stopwatch.GetTimestamp());
            return true;
        }
        Interlocked.Decrement(ref _running);
        return false;
    }
}

/// <summary>What a lane works with: a connection, kept from round to round.</summary>
internal abstract partial class RoundWorker<T>(RegistrySource source, ILogger logger) : IAsyncDisposable where T : class, IAsked
{
    private NpgsqlConnection? _connection;

    /// <summary>Gives every item its answer. Whoever has none when this fails is told to see to it alone, where faults are told apart and tries repeated.</summary>
    public async Task CarryOutAsync(IReadOnlyList<T> round)
    {
        try
        {
            _connection ??= await source.OpenAsync(CancellationToken.None);
            await CarryOutAsync(_connection, round);
        }
        catch (Exception e)
        {
            LogAlone(logger, round.Count, e.Message);
            await DisposeAsync();
            foreach (var item in round)
            {
                item.GoAlone();
            }
        }
    }

    protected abstract Task CarryOutAsync(NpgsqlConnection connection, IReadOnlyList<T> round);

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    [LoggerMessage(1810, LogLevel.Information, "{Count} that were asked together go on alone: {Reason}")]
    private static partial void LogAlone(ILogger logger, int count, string reason);
}

/// <summary>Waits for its part of a round.</summary>
internal interface IAsked
{
    /// <summary>Without effect on one that has its answer.</summary>
    void GoAlone();
}
