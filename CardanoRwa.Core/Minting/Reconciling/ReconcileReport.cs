namespace CardanoRwa.Core.Minting.Reconciling;

/// <summary>A difference between registry and chain.</summary>
/// <param name="Code">'unknown_transaction', 'missing_on_chain', 'foreign_mint', 'operation_unplaced', 'evidence_missing', 'evidence_unplaced', 'supply_mismatch', 'index_incomplete' or 'in_flight_possible'.</param>
/// <param name="Subject">The transaction, operation, unit or manifest.</param>
/// <param name="Detail">What is different.</param>
/// <param name="Action">What --apply does, or what a person has to do.</param>
public sealed record ReconcileFinding(string Code, string Subject, string Detail, string Action)
{
    public const string UnknownTransaction = "unknown_transaction";
    public const string MissingOnChain = "missing_on_chain";
    public const string ForeignMint = "foreign_mint";
    public const string OperationUnplaced = "operation_unplaced";
    public const string EvidenceMissing = "evidence_missing";
    public const string EvidenceUnplaced = "evidence_unplaced";
    public const string SupplyMismatch = "supply_mismatch";
    public const string IndexIncomplete = "index_incomplete";
    public const string InFlightPossible = "in_flight_possible";
}

/// <param name="Applied">What was different and is mended.</param>
/// <param name="Remaining">What is different still.</param>
/// <param name="HaltLifted">Whether minting goes on because of this run.</param>
/// <param name="Halted">Why minting is halted still; null: it is not.</param>
public sealed record ReconcileReport(IReadOnlyList<ReconcileFinding> Applied, IReadOnlyList<ReconcileFinding> Remaining, bool HaltLifted, string? Halted);
