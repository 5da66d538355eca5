using System.Diagnostics;

namespace CardanoRwa.Benchmarks;

/// <summary>Transactions built, signed and serialized a second by one thread, and the bytes allocated for each.</summary>
internal static class QuickMint
{
    private const int Rounds = 5;
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(1);

    internal static int Run()
    {
        using var one = new MintWork(oneKey: true);
        using var two = new MintWork(oneKey: false);
        Report("sign alone", 64, () => one.Sign());
        Report("one signature", one.Run().WireSize, () => one.Run());
        Report("two signatures", two.Run().WireSize, () => two.Run());
        return 0;
    }

    private static void Report(string name, int size, Action work)
    {
        Measure(work);
        var rounds = Enumerable.Range(0, Rounds).Select(_ => Measure(work)).OrderBy(static r => r.PerSecond).ToList();
        var (median, allocated) = rounds[Rounds / 2];
        Console.WriteLine($"{name,-14}: {size} bytes, {median:N0} a second of one core's time (best {rounds[^1].PerSecond:N0}), {allocated:N0} bytes allocated each");
    }

    // Processor time, not the clock's: the figure holds on a machine that is busy with other things.
    private static (double PerSecond, long Allocated) Measure(Action work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var count = 0;
        for (; clock.Elapsed < RoundTime; count++) work();
        var used = Environment.CpuUsage.TotalTime - start;
        return (count / used.TotalSeconds, (GC.GetAllocatedBytesForCurrentThread() - before) / count);
    }
}
