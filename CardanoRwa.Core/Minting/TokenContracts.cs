using System.Text.Json;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Minting;

/// <summary>Sets an asset's token up. The policy can change until the first mint is asked for.</summary>
/// <param name="Standard">'cip25' (default), 'cip68' or 'plain'.</param>
/// <param name="AssetName">The name on the chain as text, at most 32 bytes (28 with CIP-68); <paramref name="AssetNameHex"/> instead gives bytes.</param>
/// <param name="AssetNameHex">The name on the chain in hex.</param>
/// <param name="Policy">Who must sign and when; absent: the issuer's default key alone, at any time.</param>
/// <param name="MaxSupply">The most that may be in circulation; absent: no cap.</param>
/// <param name="Decimals">0 to 18; how wallets show the smallest unit.</param>
/// <param name="DisplayName">What wallets show, at most 64 bytes; the asset's name, cut, when absent.</param>
/// <param name="Image">A URI with its scheme: ipfs, https, ar or data; needed by CIP-25 and by non-fungible CIP-68 tokens.</param>
/// <param name="Description">At most 1,000 characters.</param>
/// <param name="Metadata">A JSON object of the issuer's own fields, at most 4 KB; no fractions, booleans or nulls, which the chain cannot carry.</param>
/// <param name="RequiresApproval">Whether each mint and burn waits for a second person.</param>
public sealed record PutToken(
    string? Standard = null, string? AssetName = null, string? AssetNameHex = null, PolicyInput? Policy = null, long? MaxSupply = null, int? Decimals = null,
    string? DisplayName = null, string? Image = null, string? Description = null, JsonElement? Metadata = null, bool RequiresApproval = false)
{
    private const int MetadataBytes = 4096;
    private static readonly string[] OwnNames = ["name", "image", "description", "decimals", "registryId", "evidenceRoot", "evidence"];

    public TokenStandard ParsedStandard => WireNames.TryParse<TokenStandard>(Standard ?? "cip25", out var standard) ? standard : TokenStandard.Cip25;

    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        if (!WireNames.TryParse<TokenStandard>(Standard ?? "cip25", out var standard))
        {
            errors.Add("standard", "must be 'cip25', 'cip68' or 'plain'");
        }
        if (AssetName is not null && AssetNameHex is not null)
        {
            errors.Add("assetName", "and assetNameHex exclude each other");
        }
        var most = standard == TokenStandard.Cip68 ? Cardano.Assets.AssetName.MaxSize - AssetLabel.Size : Cardano.Assets.AssetName.MaxSize;
        if (Name() is not { } name)
        {
            errors.Add(AssetNameHex is null ? "assetName" : "assetNameHex", $"must be at most {most} bytes{(AssetNameHex is null ? " of UTF-8" : " in hex")}");
        }
        else if (name.Bytes.Length > most)
        {
            errors.Add(AssetNameHex is null ? "assetName" : "assetNameHex", $"must be at most {most} bytes");
        }
        errors.Line("assetName", AssetName, max: 32, min: AssetName is null ? 0 : 1);
        errors.Line("displayName", DisplayName, max: 64, min: DisplayName is null ? 0 : 1);
        if (DisplayName is not null && System.Text.Encoding.UTF8.GetByteCount(DisplayName) > MetadataRules.MaxStringBytes)
        {
            errors.Add("displayName", "must be at most 64 bytes of UTF-8");
        }
        errors.Line("image", Image, max: 2_000);
        errors.Prose("description", Description, max: 1_000);
        if (MaxSupply < 1)
        {
            errors.Add("maxSupply", "must be 1 or more");
        }
        if (Decimals is < 0 or > 18)
        {
            errors.Add("decimals", "must be from 0 to 18");
        }
        Policy?.Validate(errors);
        CheckMetadata(errors);
        return errors.ToRefusal();
    }

    /// <summary>The name as bytes; null if it is not one.</summary>
    public AssetName? Name()
    {
        if (AssetNameHex is not null)
        {
            return Cardano.Assets.AssetName.TryParse(AssetNameHex, out var name) ? name : null;
        }
        var bytes = System.Text.Encoding.UTF8.GetBytes(AssetName ?? "");
        return bytes.Length <= Cardano.Assets.AssetName.MaxSize ? new AssetName(bytes) : null;
    }

    private void CheckMetadata(FieldErrors errors)
    {
        if (Metadata is not { } json)
        {
            return;
        }
        if (json.ValueKind != JsonValueKind.Object)
        {
            errors.Add("metadata", "must be a JSON object");
            return;
        }
        if (System.Text.Encoding.UTF8.GetByteCount(json.GetRawText()) > MetadataBytes)
        {
            errors.Add("metadata", $"must be at most {MetadataBytes} bytes, because it travels in every mint");
        }
        foreach (var taken in json.EnumerateObject().Select(p => p.Name).Intersect(OwnNames))
        {
            errors.Add("metadata", $"must not contain '{taken}': it has a field of its own or is filled in by the registry");
        }
        if (JsonLimits.Fault(json) is { } fault)
        {
            errors.Add("metadata", fault);
            return;
        }
        try
        {
            if (MetadataRules.FindFault(TokenMetadata.Split(MetadataJson.Read(json))) is { } broken)
            {
                errors.Add("metadata", broken);
            }
        }
        catch (FormatException e)
        {
            errors.Add("metadata", e.Message);
        }
    }
}

/// <summary>Who must sign a mint or burn, and when one is possible at all.</summary>
/// <param name="Keys">Names of the issuer's policy keys ('default') or key hashes (56 hex digits) of others, who sign elsewhere.</param>
/// <param name="Required">How many of them; absent: all.</param>
/// <param name="NotBefore">Nothing can be minted or burned before.</param>
/// <param name="NotAfter">Nothing can be minted or burned from then on, for ever.</param>
/// <param name="Script">Instead of all that: a native script in cardano-cli's JSON.</param>
public sealed record PolicyInput(IReadOnlyList<string>? Keys = null, int? Required = null, DateTimeOffset? NotBefore = null, DateTimeOffset? NotAfter = null, JsonElement? Script = null)
{
    private const int MostKeys = 20;

    internal void Validate(FieldErrors errors)
    {
        if (Script is not null && (Keys is not null || Required is not null || NotBefore is not null || NotAfter is not null))
        {
            errors.Add("policy.script", "stands alone: leave the other fields of the policy out");
        }
        if (Keys is { Count: 0 or > MostKeys } || Keys?.Distinct(StringComparer.Ordinal).Count() < Keys?.Count || Keys?.Any(string.IsNullOrWhiteSpace) == true)
        {
            errors.Add("policy.keys", $"must be 1 to {MostKeys} different keys");
        }
        if (Required < 1 || Required > (Keys?.Count ?? 1))
        {
            errors.Add("policy.required", "must be from 1 to the number of keys");
        }
        if (NotAfter <= NotBefore)
        {
            errors.Add("policy.notAfter", "must be after notBefore");
        }
    }
}

/// <param name="Statements">What the policy means, in words.</param>
/// <param name="Unit">Policy id and name on the chain, in hex.</param>
/// <param name="Fingerprint">CIP-14.</param>
/// <param name="SignedElsewhere">Whether mints and burns wait for signatures of keys that the issuer's worker does not hold.</param>
public sealed record TokenView(
    Guid AssetId, string Standard, string PolicyId, string AssetNameHex, string Unit, string Fingerprint, RawJson Script, string ScriptCbor, IReadOnlyList<string> Statements,
    bool SignedElsewhere, long? MaxSupply, long Minted, long Burned, long InCirculation, RawJson Metadata, bool RequiresApproval, bool Frozen, DateTimeOffset? FrozenAt,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static TokenView Of(Token token, WalletState wallet)
    {
        var (script, unit) = (token.Script(), token.Unit());
        return new TokenView(
            token.AssetId, token.Standard.Wire(), token.PolicyId, unit.Name.ToString(), unit.ToString(), unit.Fingerprint, new RawJson(script.ToJson()), Convert.ToHexStringLower(script.Bytes),
            PolicyWords.Describe(script, wallet), !PolicySigners.CanSign(script, wallet), token.MaxSupply, token.Minted, token.Burned, token.Minted - token.Burned, new RawJson(token.Metadata),
            token.RequiresApproval, token.FrozenAt is not null, token.FrozenAt, token.CreatedAt, token.UpdatedAt);
    }
}
