using System.Text.Json;
using System.Text.Json.Serialization;

namespace CardanoRwa.Core.Minting.Proofs;

/// <summary>
/// All that a third party needs to check an asset's token without asking the issuer: it is written by
/// <see cref="ProofWriter"/> in this order and checked by <see cref="ProofVerifier"/>.
/// </summary>
/// <param name="Network">'mainnet' or 'testnet'; null where no worker has told yet.</param>
/// <param name="Token">Null while the asset has none.</param>
/// <param name="Digest">SHA-256 of the file's bytes before this member: it shows damage, not forgery.</param>
public sealed record ProofFile(
    string Format, int Version, string? Network, DateTimeOffset MadeAt, ProofAsset Asset, ProofToken? Token, ProofEvidence Evidence, ProofSupply Supply,
    IReadOnlyList<ProofOperation> Operations, IReadOnlyList<ProofTransaction> Transactions, string Digest)
{
    public const string FormatName = "cardano-rwa-proof";
    public const int FormatVersion = 1;
}

/// <summary>What the registry says of the asset. The chain vouches for its id only.</summary>
public sealed record ProofAsset(
    Guid Id, string Name, string Kind, string? Jurisdiction, string? ExternalId, string? Description, decimal Value, string Currency, DateOnly ValueAsOf, string Status);

/// <param name="Unit">Policy id and name on the chain, hex.</param>
/// <param name="ReferenceUnit">The CIP-68 reference token's; null for other standards.</param>
/// <param name="Treasury">Where tokens without a recipient of their own go.</param>
public sealed record ProofToken(
    string Standard, string PolicyId, string AssetNameHex, string Unit, string? ReferenceUnit, string Fingerprint, JsonElement Script, string ScriptCbor, long? MaxSupply, string? Treasury);

/// <param name="Cid">The manifest's; null while there is no entry.</param>
/// <param name="Manifest">Canonical JSON as text: its bytes are what root and CID are of.</param>
public sealed record ProofEvidence(string Root, int Count, string? Cid, string Manifest, IReadOnlyList<ProofEntry> Entries);

/// <param name="Index">0-based.</param>
/// <param name="Leaf">Hex; all that is told of a confidential entry.</param>
/// <param name="Path">Sibling hashes from the leaf upwards, hex.</param>
public sealed record ProofEntry(Guid Id, int Index, string Leaf, IReadOnlyList<string> Path);

/// <summary>Sums over the confirmed operations.</summary>
public sealed record ProofSupply(long Minted, long Burned, long InCirculation);

/// <param name="TransactionId">Null while the chain was never asked to take it, or will not.</param>
public sealed record ProofOperation(
    Guid Id, string Kind, long Quantity, string? Recipient, string State, string? TransactionId, string? EvidenceRoot, string? EvidenceCid, string? FailureCode,
    DateTimeOffset CreatedAt, DateTimeOffset? ConfirmedAt);

/// <param name="Block">Null while it is in no block.</param>
public sealed record ProofTransaction(string Id, string Cbor, ProofBlock? Block);

/// <param name="Confirmations">Blocks on it, its own included, when last looked at.</param>
public sealed record ProofBlock(string Hash, long Height, long Slot, long Confirmations);

/// <summary>Nothing missing, nothing unknown, nothing twice: a file that was tampered with is hardly read at all.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.Strict,
    PropertyNameCaseInsensitive = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 64)]
[JsonSerializable(typeof(ProofFile))]
public sealed partial class ProofJson : JsonSerializerContext;
