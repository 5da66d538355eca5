using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Evidence;

/// <summary>What is said of a document besides its bytes.</summary>
public sealed record DescribeEvidence(string? Name, string? Kind, string? Description, bool Confidential)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        errors.Line("name", Name, max: 300, min: 1);
        errors.Slug("kind", Kind);
        errors.Prose("description", Description, max: 2_000);
        return errors.ToRefusal();
    }
}

/// <param name="Status">'pending', 'pinned' or 'failed'.</param>
/// <param name="Cid">The name at the service, where that differs from the document's CID.</param>
/// <param name="Reason">Why the last try did not succeed.</param>
/// <param name="PinnedAt">When the service took it.</param>
public sealed record PinView(string Status, string? Cid, string? Reason, DateTimeOffset? PinnedAt);

/// <summary>An entry of an asset's evidence.</summary>
/// <param name="Position">1-based place in the asset's log.</param>
/// <param name="Sha256">Of the bytes, in hex.</param>
/// <param name="Cid">CID version 1 of the bytes, as Kubo makes it.</param>
/// <param name="Leaf">The entry's Merkle leaf, in hex.</param>
/// <param name="Status">'stored', or 'damaged' when the stored bytes no longer have these hashes.</param>
/// <param name="Pin">Its state on IPFS; absent for what is confidential.</param>
public sealed record EvidenceView(
    Guid Id, Guid AssetId, int Position, string Name, string Kind, string? Description, string MediaType, long Size, string Sha256, string Cid, bool Confidential, string Leaf,
    string Status, PinView? Pin, string UploadedBy, DateTimeOffset CreatedAt)
{
    public static EvidenceView Of(EvidenceItem e, EvidencePin? pin) => new(
        e.Id, e.AssetId, e.Position, e.Name, e.Kind, e.Description, e.MediaType, e.Content.Length, Convert.ToHexStringLower(e.Content.Sha256), e.Content.Cid, e.Confidential,
        Convert.ToHexStringLower(e.Leaf), e.Content.DamagedAt is null ? "stored" : "damaged",
        e.Confidential || pin is null ? null : new PinView(pin.Status.Wire(), pin.PinnedAs, pin.Reason, pin.PinnedAt), e.UploadedBy, e.CreatedAt);
}

public sealed record EvidencePage(IReadOnlyList<EvidenceView> Items, string? Next);

/// <summary>What an asset's evidence comes to.</summary>
/// <param name="Root">RFC 6962 root over the first <paramref name="Count"/> entries, in hex.</param>
/// <param name="Count">Entries.</param>
/// <param name="ManifestCid">The CID of the manifest's canonical JSON; null while there is no entry.</param>
public sealed record EvidenceRoot(string Root, int Count, string? ManifestCid);

/// <summary>Shows that an entry is under a root.</summary>
/// <param name="Leaf">Hex.</param>
/// <param name="Index">0-based.</param>
/// <param name="Count">Entries under the root.</param>
/// <param name="Path">Sibling hashes from the leaf upwards, hex.</param>
/// <param name="Root">Hex.</param>
/// <param name="Entry">The entry's canonical JSON; the leaf is SHA-256 of a zero byte and this.</param>
public sealed record InclusionProof(string Leaf, int Index, int Count, IReadOnlyList<string> Path, string Root, string Entry);
