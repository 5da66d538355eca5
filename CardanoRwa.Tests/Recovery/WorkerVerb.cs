using System.Diagnostics;

namespace CardanoRwa.Tests.Recovery;

/// <summary>The worker's binary with a verb, as an operator runs it.</summary>
internal static class WorkerVerb
{
    /// <param name="settings">NAME=VALUE for its environment.</param>
    public static Process Start(string[] settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "CardanoRwa.Worker.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var setting in settings)
        {
            var (name, value) = (setting.Split('=')[0], setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    public static async Task<(int Code, string Output, string Error)> RunAsync(string[] settings, params string[] arguments)
    {
        using var process = Start(settings, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output.WaitAsync(TimeSpan.FromSeconds(20)), await error.WaitAsync(TimeSpan.FromSeconds(20)));
    }
}
