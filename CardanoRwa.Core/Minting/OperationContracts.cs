using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Minting;

/// <param name="Quantity">Tokens in their smallest unit, 1 or more.</param>
/// <param name="Recipient">A Cardano address of the platform's network; absent: the issuer's treasury.</param>
/// <param name="Jurisdiction">Where the recipient is; the asset's own when absent. An approval must cover it.</param>
public sealed record RequestMint(long? Quantity, string? Recipient = null, string? Jurisdiction = null)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        OperationRules.CheckQuantity(errors, Quantity);
        if (Recipient is not null && (!Address.TryParse(Recipient, out var address) || address.Kind is AddressKind.Stake or AddressKind.Byron))
        {
            errors.Add("recipient", "must be a Cardano payment address (addr1... or addr_test1...)");
        }
        errors.Jurisdiction("jurisdiction", Jurisdiction);
        return errors.ToRefusal();
    }
}

/// <param name="Quantity">Tokens in their smallest unit, 1 or more; they are taken from the issuer's treasury.</param>
public sealed record RequestBurn(long? Quantity)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        OperationRules.CheckQuantity(errors, Quantity);
        return errors.ToRefusal();
    }
}

/// <param name="Decision">'approved' or 'rejected'.</param>
/// <param name="Reason">Why; kept for ever.</param>
public sealed record DecideOperation(string? Decision, string? Reason)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        if (Decision is not ("approved" or "rejected"))
        {
            errors.Add("decision", "must be 'approved' or 'rejected'");
        }
        errors.Line("reason", Reason, max: 1_000, min: 1);
        return errors.ToRefusal();
    }
}

/// <param name="WitnessSet">A transaction witness set in hex CBOR, as a CIP-30 wallet's signTx returns it; keys only.</param>
public sealed record AddWitnesses(string? WitnessSet);

/// <param name="TransactionCbor">The transaction without the missing signatures, in hex: what a CIP-30 wallet or an offline signer takes.</param>
/// <param name="MissingSigners">Hashes of keys that could still sign.</param>
/// <param name="SignBeforeSlot">The transaction is worthless from this slot on.</param>
public sealed record UnsignedView(Guid OperationId, string TransactionId, string TransactionCbor, IReadOnlyList<string> Signed, IReadOnlyList<string> MissingSigners, bool Complete, long SignBeforeSlot);

/// <param name="State">awaiting_approval, queued, awaiting_signatures, signed, submitted, confirmed or failed.</param>
public sealed record OperationView(
    Guid Id, Guid AssetId, string Kind, long Quantity, string? Recipient, string? Jurisdiction, string State, string? TransactionId, long Confirmations, string? BlockHash, long? BlockHeight,
    int Attempts, string? FailureCode, string? FailureReason, string? EvidenceRoot, string? EvidenceCid, string RequestedBy, string? DecidedBy, string? DecisionReason,
    DateTimeOffset CreatedAt, DateTimeOffset? SubmittedAt, DateTimeOffset? ConfirmedAt, DateTimeOffset UpdatedAt)
{
    public static OperationView Of(Operation o, long confirmations = 0, string? blockHash = null, long? blockHeight = null) => new(
        o.Id, o.AssetId, o.Kind.Wire(), o.Quantity, o.Recipient, o.Jurisdiction, o.State.Wire(), o.TransactionId, confirmations, blockHash, blockHeight,
        o.Attempts, o.FailureCode, o.FailureReason, o.EvidenceRoot, o.EvidenceCid, o.RequestedBy, o.DecidedBy, o.DecisionReason,
        o.CreatedAt, o.SubmittedAt, o.ConfirmedAt, o.UpdatedAt);
}

public sealed record OperationPage(IReadOnlyList<OperationView> Items, string? Next);

internal static class OperationRules
{
    // Ten times below what the ledger can carry in one mint, so that sums of a batch always fit.
    public const long MostAtOnce = 900_000_000_000_000_000;

    public static void CheckQuantity(FieldErrors errors, long? quantity)
    {
        if (quantity is null or < 1 or > MostAtOnce)
        {
            errors.Add("quantity", $"must be from 1 to {MostAtOnce}");
        }
    }
}
