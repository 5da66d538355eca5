using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Compliance;

/// <summary>Asks for a check of an asset; it is pending until someone with the compliance role decides it.</summary>
/// <param name="Check">A slug such as 'title' or 'offering'.</param>
/// <param name="Jurisdiction">Where the check counts; the asset's own when absent.</param>
/// <param name="Note">Up to 2,000 characters.</param>
public sealed record RequestCompliance(string? Check, string? Jurisdiction = null, string? Note = null)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        errors.Slug("check", Check ?? "");
        errors.Jurisdiction("jurisdiction", Jurisdiction);
        errors.Prose("note", Note, max: 2_000);
        return errors.ToRefusal();
    }
}

/// <param name="Decision">'approved' or 'rejected'.</param>
/// <param name="Reason">Why; kept for ever.</param>
/// <param name="ValidUntil">An approval's end; absent: none.</param>
public sealed record DecideCompliance(string? Decision, string? Reason, DateTimeOffset? ValidUntil = null)
{
    public Refusal? Validate(DateTimeOffset now)
    {
        var errors = new FieldErrors();
        if (Decision is not ("approved" or "rejected"))
        {
            errors.Add("decision", "must be 'approved' or 'rejected'");
        }
        errors.Line("reason", Reason, max: 1_000, min: 1);
        if (ValidUntil is not null && Decision == "rejected")
        {
            errors.Add("validUntil", "belongs to an approval");
        }
        if (ValidUntil <= now)
        {
            errors.Add("validUntil", "must be in the future");
        }
        return errors.ToRefusal();
    }
}

public sealed record ComplianceView(
    Guid Id, Guid AssetId, string Check, string? Jurisdiction, string? Note, string Status, string RequestedBy, DateTimeOffset CreatedAt,
    string? DecidedBy, string? Reason, DateTimeOffset? DecidedAt, DateTimeOffset? ValidUntil)
{
    public static ComplianceView Of(ComplianceRecord r, DateTimeOffset now) => new(
        r.Id, r.AssetId, r.Check, r.Jurisdiction, r.Note, r.EffectiveStatus(now).Wire(), r.RequestedBy, r.CreatedAt,
        r.DecidedBy, r.Reason, r.DecidedAt, r.ValidUntil);
}

public sealed record CompliancePage(IReadOnlyList<ComplianceView> Items, string? Next);
