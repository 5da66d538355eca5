using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CardanoRwa.Core.Evidence;

namespace CardanoRwa.Core.ChainSnapshots;

/// <summary>Writes lines of JSON and keeps their leaves; the last line names the root over all before it.</summary>
internal sealed class SnapshotLines(Stream output)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly List<byte[]> _leaves = [];

    public int Count => _leaves.Count;

    public Task WriteAsync<T>(T line, CancellationToken cancellationToken) => AppendAsync(JsonSerializer.SerializeToUtf8Bytes(line, Options), cancellationToken);

    public Task WriteRawAsync(string json, CancellationToken cancellationToken) => AppendAsync(Encoding.UTF8.GetBytes(json), cancellationToken);

    /// <returns>The root.</returns>
    public async Task<string> EndAsync(CancellationToken cancellationToken)
    {
        var root = Convert.ToHexStringLower(MerkleTree.Root([.. _leaves]));
        await output.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new SnapshotEnd("root", _leaves.Count, root), Options), cancellationToken);
        await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
        return root;
    }

    private async Task AppendAsync(byte[] line, CancellationToken cancellationToken)
    {
        _leaves.Add(MerkleTree.Leaf(line));
        await output.WriteAsync(line, cancellationToken);
        await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }
}

internal sealed record SnapshotEnd(string Type, int Count, string Root);
