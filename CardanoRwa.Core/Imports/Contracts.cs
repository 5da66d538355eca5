using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Imports;

/// <summary>An import's progress. 'interrupted': its process died; send the file again, rows already taken in stay as they are.</summary>
public sealed record ImportView(
    Guid Id, string Status, int Rows, int Created, int Updated, int Valued, int Unchanged, int Failed, string? Fault, string Actor,
    DateTimeOffset StartedAt, DateTimeOffset UpdatedAt, DateTimeOffset? FinishedAt)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    public static ImportView Of(ImportRun r, DateTimeOffset now) => new(
        r.Id, r.Status == ImportStatus.Running && now - r.UpdatedAt > Silence ? "interrupted" : r.Status.Wire(),
        r.Rows, r.Created, r.Updated, r.Valued, r.Unchanged, r.Failed, r.Fault, r.Actor, r.StartedAt, r.UpdatedAt, r.FinishedAt);
}

/// <param name="Import">The totals.</param>
/// <param name="Failures">Refused rows, the first thousand; all of them with GET .../imports/{id}/failures.</param>
public sealed record ImportReport(ImportView Import, IReadOnlyList<ImportRow> Failures);

/// <summary>What became of one row.</summary>
/// <param name="Row">1-based, counted in records; a CSV header is not one.</param>
/// <param name="Outcome">created, valued (a further valuation), updated (other fields), unchanged or failed.</param>
/// <param name="ExternalId">The row's externalId, where it has one.</param>
/// <param name="AssetId">The asset it belongs to.</param>
/// <param name="Code">For a failed row: what was wrong, stable.</param>
/// <param name="Detail">The same for a person.</param>
public sealed record ImportRow(int Row, string Outcome, string? ExternalId, Guid? AssetId = null, string? Code = null, string? Detail = null);

public sealed record ImportPage(IReadOnlyList<ImportView> Items);

public sealed record ImportFailurePage(IReadOnlyList<ImportRow> Items, int? NextAfterRow);
