using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Jobs;

/// <summary>A job and how far it is.</summary>
/// <param name="State">queued, running, succeeded, failed or cancelled.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Step">What it is doing, in words.</param>
/// <param name="Result">What it made, once it succeeded.</param>
/// <param name="CancelRequested">Somebody asked to end it; it ends within seconds.</param>
public sealed record JobView(
    Guid Id, string Kind, string State, RawJson Parameters, double Progress, string? Step, RawJson? Result, JobFailure? Failure, string RequestedBy, DateTimeOffset RequestedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, bool CancelRequested, string? Worker)
{
    public static JobView Of(Job j) => new(
        j.Id, j.Kind, j.State.Wire(), new RawJson(j.Parameters), j.Progress, j.Step, j.Result is null ? null : new RawJson(j.Result),
        j.FailureCode is null ? null : new JobFailure(j.FailureCode, j.FailureDetail ?? "", j.FailureHint ?? ""),
        j.RequestedBy, j.RequestedAt, j.StartedAt, j.FinishedAt, j.CancelRequested, j.Worker);
}

public sealed record JobFailure(string Code, string Detail, string Hint);

public sealed record JobPage(IReadOnlyList<JobView> Items, string? Next);
