using System.ComponentModel;
using System.Diagnostics;

namespace CardanoRwa.Tests.Delivery;

/// <summary>A program of the machine. Missing, it fails the test and says how to get it.</summary>
internal static class Tool
{
    public const string Promtool = "apt-get install -y prometheus";

    public static async Task<(int ExitCode, string Output)> RunAsync(string program, string hint, string folder, params string[] arguments)
    {
        using var process = Start(program, hint, folder, arguments);
        process.StandardInput.Close();
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(output));
    }

    public static Process Start(string program, string hint, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"'{program}' did not start. Install it with: {hint}", e);
        }
    }
}
