using System.Diagnostics;
using HdrHistogram;

namespace CardanoRwa.LoadTest;

/// <summary>Latencies and failures of one kind of request; microseconds inside, up to a minute, three digits exact.</summary>
internal sealed class Meter(string name)
{
    private const long Longest = 60_000_000;
    private readonly Recorder _latency = Make();
    private readonly Recorder _database = Make();
    private LongHistogram _allLatency = Empty();
    private LongHistogram _allDatabase = Empty();
    private HistogramBase? _interval, _databaseInterval;
    private long _failures;

    public string Name => name;

    /// <summary>Answers of another status than expected, and connections that broke.</summary>
    public long Failures => Volatile.Read(ref _failures);

    public void Add(long ticks, double databaseMilliseconds)
    {
        _latency.RecordValue(Math.Clamp(ticks * 1_000_000 / Stopwatch.Frequency, 1, Longest));
        if (!double.IsNaN(databaseMilliseconds))
        {
            _database.RecordValue(Math.Clamp((long)(databaseMilliseconds * 1000), 1, Longest));
        }
    }

    public void Fail() => Interlocked.Increment(ref _failures);

    /// <summary>Takes what came since the last call into the total.</summary>
    /// <returns>Only what is new.</returns>
    public HistogramBase Take()
    {
        _interval = _latency.GetIntervalHistogram(_interval);
        _allLatency.Add(_interval);
        _databaseInterval = _database.GetIntervalHistogram(_databaseInterval);
        _allDatabase.Add(_databaseInterval);
        return _interval;
    }

    /// <summary>Forgets all, at the end of the warm-up.</summary>
    public void Clear()
    {
        Take();
        (_allLatency, _allDatabase) = (Empty(), Empty());
        Interlocked.Exchange(ref _failures, 0);
    }

    public HistogramBase Latency => _allLatency;
    public HistogramBase Database => _allDatabase;

    public static LongHistogram Empty() => new(1, Longest, 3);

    private static Recorder Make() => HistogramFactory.With64BitBucketSize().WithValuesFrom(1).WithValuesUpTo(Longest).WithPrecisionOf(3).WithThreadSafeWrites().WithThreadSafeReads().Create();
}
