using System.Text;
using Aspire.Hosting;

namespace CardanoRwa.Embedded.Processes;

/// <summary>A program that is run for its result.</summary>
internal static class Tool
{
    public static async Task<(int ExitCode, string Output)> RunAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        var output = new StringBuilder();
        using var process = ChildProcess.Start(spec, (line, _) =>
        {
            lock (output)
                output.AppendLine(line);
        });
        try
        {
            var code = await process.WaitForExitAsync(cancellationToken);
            lock (output)
                return (code, output.ToString().TrimEnd());
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    public static async Task<string> RequireAsync(ProcessSpec spec, string purpose, CancellationToken cancellationToken)
    {
        var (code, output) = await RunAsync(spec, cancellationToken);
        return code == 0 ? output : throw new DistributedApplicationException($"{purpose} failed ({Path.GetFileName(spec.FileName)}, exit code {code}):\n{output}");
    }
}
