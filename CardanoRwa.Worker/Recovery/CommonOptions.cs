using System.CommandLine;
using System.Text.Json;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Worker.Recovery;

internal static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON." };

    public static Option<string?> RecoveryKey { get; } = new("--recovery-key") { Description = "The recovery key from paper, instead of the key file; '-' reads it from standard input." };

    public static Option<string?> SystemId { get; } = new("--system-id") { Description = "The cluster, where the stores hold several." };

    public static string? RecoveryKeyOf(ParseResult parsed) => parsed.GetValue(RecoveryKey) is { } key ? key == "-" ? Console.In.ReadLine() : key : null;

    public static void PrintJson<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, RecoveryJson.Options));
}
