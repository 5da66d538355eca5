using System.Text;
using System.Text.Json;
using CardanoRwa.Core.Evidence;

namespace CardanoRwa.Core.ChainSnapshots;

/// <summary>Reads a snapshot back; needs the file and nothing else.</summary>
public static class SnapshotFile
{
    /// <summary>Computes the root anew over every line and compares it with what the last line says, and with a root known from elsewhere.</summary>
    /// <returns>What is wrong; empty when the file is whole and unchanged.</returns>
    public static async Task<(string? Root, IReadOnlyList<string> Faults)> VerifyAsync(Stream file, string? expectedRoot, CancellationToken cancellationToken)
    {
        var leaves = new List<byte[]>();
        SnapshotEnd? end = null;
        var faults = new List<string>();
        await foreach (var line in LinesAsync(file, cancellationToken))
        {
            if (end is not null)
            {
                faults.Add("lines follow the one that names the root");
                break;
            }
            end = line.StartsWith("""{"type":"root",""", StringComparison.Ordinal) ? JsonSerializer.Deserialize<SnapshotEnd>(line, JsonSerializerOptions.Web) : null;
            if (end is null)
            {
                leaves.Add(MerkleTree.Leaf(Encoding.UTF8.GetBytes(line)));
            }
        }
        var root = Convert.ToHexStringLower(MerkleTree.Root([.. leaves]));
        if (end is null)
        {
            faults.Add("it ends before the line that names the root");
        }
        else if (end.Count != leaves.Count || end.Root != root)
        {
            faults.Add($"its {leaves.Count} lines have the root {root}, and its last line says {end.Count} lines and {end.Root}");
        }
        if (expectedRoot is not null && expectedRoot != root)
        {
            faults.Add($"its root is {root}, and {expectedRoot} was expected");
        }
        return (root, faults);
    }

    /// <summary>Lines of facts that one has and the other lacks. Headers always differ.</summary>
    public static async Task<IReadOnlyList<string>> DiffAsync(Stream older, Stream newer, CancellationToken cancellationToken)
    {
        var (before, after) = (await FactsAsync(older, cancellationToken), await FactsAsync(newer, cancellationToken));
        return [.. before.Except(after).Select(l => $"- {l}").Concat(after.Except(before).Select(l => $"+ {l}")).OrderBy(l => l[2..], StringComparer.Ordinal)];
    }

    private static async Task<HashSet<string>> FactsAsync(Stream file, CancellationToken cancellationToken)
    {
        var facts = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var line in LinesAsync(file, cancellationToken))
        {
            using var json = JsonDocument.Parse(line);
            // Transactions are listed since the snapshot before only, so they always differ.
            if (json.RootElement.TryGetProperty("type", out var type) && type.GetString() is not ("root" or "transaction"))
            {
                facts.Add(line);
            }
        }
        return facts;
    }

    private static async IAsyncEnumerable<string> LinesAsync(Stream file, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }
}
