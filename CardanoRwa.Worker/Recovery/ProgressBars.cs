using System.Globalization;
using CardanoRwa.Recovery;
using Spectre.Console;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Shows a running backup or restore on standard error: a bar with rate and time left on a terminal, nothing elsewhere.</summary>
internal static class ProgressBars
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    public static async Task<T> ShowAsync<T>(RecoveryProgress progress, bool isQuiet, Func<Task<T>> action)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (isQuiet || Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive)
        {
            return await action();
        }
        return await console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).StartAsync(async context =>
        {
            var bar = context.AddTask("starting", maxValue: 1);
            var running = action();
            while (await Task.WhenAny(running, Task.Delay(Period)) != running)
            {
                bar.Description = Describe(progress);
                bar.MaxValue = Math.Max(1, progress.TotalBytes);
                bar.Value = Math.Min(progress.DoneBytes, progress.TotalBytes);
            }
            return await running;
        });
    }

    public static string Bytes(double bytes) => bytes switch
    {
        < 1 << 10 => $"{bytes:0} B",
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 10):0.0} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 20):0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 30):0.00} GiB"),
    };

    private static string Describe(RecoveryProgress progress) =>
        $"{progress.Phase}  {Bytes(progress.DoneBytes)} of {Bytes(progress.TotalBytes)}, {Bytes(progress.BytesPerSecond)}/s, {(progress.Remaining is { } left ? $"{left:hh\\:mm\\:ss} left" : "")}";
}
