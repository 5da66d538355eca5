using System.Diagnostics;

namespace CardanoRwa.Benchmarks;

/// <summary>Transactions built, signed and serialized a second by one thread, and the bytes allocated for each.</summary>
internal static class QuickMint
{
    private const int Rounds = 5;
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(1);

    internal static int Run()
    {
        Report("one signature ", oneKey: true);
        Report("two signatures", oneKey: false);
        return 0;
    }

    private static void Report(string name, bool oneKey)
    {
        using var work = new MintWork(oneKey);
        var size = work.Run().WireSize;
        Measure(work);
        var rounds = Enumerable.Range(0, Rounds).Select(_ => Measure(work)).OrderBy(static r => r.PerSecond).ToList();
        var (median, allocated) = rounds[Rounds / 2];
        Console.WriteLine($"{name}: {size} bytes, {median:N0} tx/s on one core (best {rounds[^1].PerSecond:N0}), {allocated:N0} bytes allocated each");
    }

    private static (double PerSecond, long Allocated) Measure(MintWork work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var count = 0;
        for (; clock.Elapsed < RoundTime; count++) work.Run();
        return (count / clock.Elapsed.TotalSeconds, (GC.GetAllocatedBytesForCurrentThread() - before) / count);
    }
}
