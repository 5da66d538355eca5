using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace CardanoRwa.LoadTest;

/// <param name="What">Was started.</param>
/// <param name="At">When.</param>
/// <param name="Commit">Of the sources, when git knows it.</param>
/// <param name="Machine">Processors and system.</param>
/// <param name="Path">Whose first 200 is waited for.</param>
/// <param name="MedianSeconds">From the start of the process.</param>
/// <param name="LongestSeconds">The same.</param>
/// <param name="Seconds">Each start in its order, without the first, which reads the files from disk.</param>
internal sealed record StartReport(string What, DateTimeOffset At, string? Commit, string Machine, string Path, double MedianSeconds, double LongestSeconds, IReadOnlyList<double> Seconds);

internal static class StartCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var address = CommonOptions.Address("--address", "Where the program listens.");
        var path = new Option<string>("--path") { DefaultValueFactory = _ => "/alive", Description = "Whose first 200 ends the measurement; the key stands in RWA_API_KEY." };
        var runs = new Option<int>("--runs") { DefaultValueFactory = _ => 10, Description = "Starts that count, after one that does not." };
        var output = new Option<string?>("--output") { Description = "JSON file." };
        var program = new Argument<string[]>("program") { Arity = ArgumentArity.OneOrMore, Description = "The program and its arguments, after --; it inherits the environment." };
        var command = new Command("start", "Starts a program again and again and tells how long it takes to its first 200.") { address, path, runs, output, program };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var target = CommonOptions.Of(parsed.GetValue(address)!);
            var seconds = new List<double>();
            for (var run = 0; run <= parsed.GetValue(runs); run++)
            {
                seconds.Add(await StartAsync(parsed.GetValue(program)!, target, parsed.GetValue(path)!, cancellationToken));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"start {run}: {seconds[^1]:0.000} s{(run == 0 ? ", not counted" : "")}"));
            }
            seconds.RemoveAt(0);
            var sorted = seconds.Order().ToList();
            var report = new StartReport(
                Path.GetFileName(parsed.GetValue(program)![0]), TimeProvider.System.GetUtcNow(), await CommonOptions.CommitAsync(CancellationToken.None), Report.ThisMachine, parsed.GetValue(path)!, sorted[sorted.Count / 2], sorted[^1], seconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Path}: median {report.MedianSeconds:0.000} s, longest {report.LongestSeconds:0.000} s"));
            if (parsed.GetValue(output) is { } file)
            {
                await File.WriteAllTextAsync(file, JsonSerializer.Serialize(report, LoadJson.Default.StartReport) + "\n", CancellationToken.None);
            }
            return 0;
        });
        return command;
    }

    private static async Task<double> StartAsync(string[] program, Target target, string path, CancellationToken cancellationToken)
    {
        var request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {target.Host}\r\n{target.Headers}\r\n");
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program[0], program[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            while (Stopwatch.GetElapsedTime(began) < Patience)
            {
                if (await AnswersAsync(target, request, cancellationToken))
                {
                    return Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 4);
                }
                if (process.HasExited)
                {
                    throw new InvalidDataException($"{program[0]} ended at once: {string.Concat(await output)}");
                }
                await Task.Delay(2, cancellationToken);
            }
            throw new InvalidDataException($"{program[0]} gave no 200 within {Patience.TotalSeconds:0} s.");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<bool> AnswersAsync(Target target, byte[] request, CancellationToken cancellationToken)
    {
        try
        {
            using var wire = target.Open();
            return (await wire.SendAsync(request, cancellationToken)).Status == 200;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false; // it does not listen yet
        }
    }
}
