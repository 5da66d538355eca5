using System.Text;
using System.Text.Json;
using CardanoRwa.Core.Evidence;

namespace CardanoRwa.Core.Minting.Proofs;

/// <summary>The manifest against its root and CID, its entries against their leaves and paths, and the root each operation names against the log.</summary>
internal sealed class EvidenceChecks(ProofFile file, ProofChecks checks)
{
    private readonly List<string> _entries = [];
    private readonly List<byte[]> _leaves = [];

    public void Run()
    {
        var evidence = file.Evidence;
        if (!checks.Try("evidence_manifest", "evidence", "The manifest is canonical JSON of this asset's entries.", ReadManifest))
        {
            return;
        }
        var root = Convert.ToHexStringLower(MerkleTree.Root([.. _leaves]));
        checks.That(root == evidence.Root, "evidence_root", "evidence", $"The entries' Merkle root is {evidence.Root}.", $"The entries' Merkle root is {root}, not {evidence.Root}.");
        var cid = _leaves.Count == 0 ? null : ManifestJson.Cid(Encoding.UTF8.GetBytes(evidence.Manifest));
        checks.That(cid == evidence.Cid, "evidence_cid", "evidence", $"The manifest's CID is {evidence.Cid ?? "none, because it is empty"}.", $"The manifest's CID is {cid}, not {evidence.Cid}.");
        if (checks.That(evidence.Entries.Count == _leaves.Count && evidence.Count == _leaves.Count, "evidence_count", "evidence", $"There is a path for each of {evidence.Count} entries."))
        {
            foreach (var (i, entry) in evidence.Entries.Index())
            {
                checks.Try("evidence_entry", entry.Id.ToString(), "Its leaf is under the root.", () => FindFault(entry, i));
            }
        }
        CheckOperations();
    }

    private string? ReadManifest()
    {
        using var document = JsonDocument.Parse(file.Evidence.Manifest);
        var manifest = document.RootElement;
        foreach (var entry in manifest.GetProperty("entries").EnumerateArray())
        {
            _entries.Add(entry.GetRawText());
            _leaves.Add(IsConfidential(entry) ? Convert.FromHexString(entry.GetProperty("leaf").GetString()!) : MerkleTree.Leaf(Encoding.UTF8.GetBytes(entry.GetRawText())));
        }
        // Whoever has the entries can make the same bytes; so nothing else can stand between them.
        return file.Evidence.Manifest == ManifestOf(_entries.Count) ? null : "Its bytes are not those that the entries make for this asset.";
    }

    private string? FindFault(ProofEntry entry, int i)
    {
        using var document = JsonDocument.Parse(_entries[i]);
        return entry.Index != i || document.RootElement.GetProperty("id").GetGuid() != entry.Id || document.RootElement.GetProperty("position").GetInt32() != i + 1 ? "It does not stand where it says."
            : entry.Leaf != Convert.ToHexStringLower(_leaves[i]) ? $"Its leaf is {Convert.ToHexStringLower(_leaves[i])}."
            : !MerkleTree.Verify(_leaves[i], i, _leaves.Count, [.. entry.Path.Select(Lower)], Convert.FromHexString(file.Evidence.Root)) ? "Its path does not lead to the root."
            : null;
    }

    /// <summary>The log only grows, so what an operation was asked for with must be the root over its first so many entries.</summary>
    private void CheckOperations()
    {
        var prefixes = Prefixes();
        foreach (var operation in file.Operations.Where(o => o.EvidenceRoot is not null || o.EvidenceCid is not null))
        {
            var known = operation.EvidenceRoot is { } root && prefixes.TryGetValue(root, out var count) ? count : 0;
            checks.That(
                known > 0 && operation.EvidenceCid == CidOf(known), "operation_evidence", operation.Id.ToString(), $"It was asked for with the first {known} entries.",
                $"Root {operation.EvidenceRoot} and CID {operation.EvidenceCid} are not those of any state of the log.");
        }
    }

    private Dictionary<string, int> Prefixes()
    {
        var roots = new Dictionary<string, int>();
        byte[][] leaves = [.. _leaves];
        for (var count = 1; count <= leaves.Length; count++)
        {
            roots.TryAdd(Convert.ToHexStringLower(MerkleTree.Root(leaves.AsSpan(..count))), count);
        }
        return roots;
    }

    private readonly Dictionary<int, string> _cids = [];

    private string CidOf(int count) => _cids.TryGetValue(count, out var cid) ? cid : _cids[count] = ManifestJson.Cid(Encoding.UTF8.GetBytes(ManifestOf(count)));

    private string ManifestOf(int count) =>
        $$"""{"assetId":"{{file.Asset.Id}}","count":{{count}},"entries":[{{string.Join(',', _entries.Take(count))}}],"root":"{{Convert.ToHexStringLower(MerkleTree.Root([.. _leaves.Take(count)]))}}","version":1}""";

    private static bool IsConfidential(JsonElement entry) => entry.TryGetProperty("confidential", out var told) && told.GetBoolean();

    private static byte[] Lower(string hex) => hex.Any(char.IsAsciiLetterUpper) ? throw new FormatException("Hashes are written in lower case.") : Convert.FromHexString(hex);
}
