using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Jobs;

public enum JobState
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

/// <summary>Work that a client asked for and a worker does: longer than a request may take.</summary>
public sealed class Job : IAudited
{
    public Guid Id { get; init; }

    /// <summary>Which <see cref="IJobHandler"/> does it.</summary>
    public required string Kind { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Parameters { get; init; }

    public JobState State { get; set; }

    /// <summary>0 to 1.</summary>
    public double Progress { get; set; }

    public string? Step { get; set; }

    /// <summary>JSON; only of one that succeeded.</summary>
    public string? Result { get; set; }

    public string? FailureCode { get; set; }
    public string? FailureDetail { get; set; }
    public string? FailureHint { get; set; }
    public required string RequestedBy { get; init; }
    public DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
    public bool CancelRequested { get; set; }

    /// <summary>Who runs it; with <see cref="Attempts"/> it names one claim, so that a worker that wakes late cannot write for another.</summary>
    public string? Worker { get; set; }

    public int Attempts { get; set; }

    /// <summary>By the database's clock, which all workers share.</summary>
    public DateTimeOffset? HeartbeatAt { get; set; }

    public bool IsOver => State is JobState.Succeeded or JobState.Failed or JobState.Cancelled;

    Guid? IAudited.AssetId => null;
    string IAudited.AuditName => "job";

    internal void Fail(Refusal why, DateTimeOffset at)
    {
        (State, FinishedAt) = (JobState.Failed, at);
        (FailureCode, FailureDetail, FailureHint) = (why.Code, why.Detail, why.Hint);
    }
}

internal sealed class JobConfiguration : IEntityTypeConfiguration<Job>
{
    public void Configure(EntityTypeBuilder<Job> job)
    {
        job.ToTable("jobs");
        job.Property(j => j.Kind).HasMaxLength(60).UseCollation("C");
        job.Property(j => j.Parameters).HasColumnType("jsonb");
        job.Property(j => j.Result).HasColumnType("jsonb");
        job.Property(j => j.State).HasMaxLength(20).UseCollation("C").HasConversion(WireNames.Converter<JobState>());
        job.Property(j => j.Step).HasMaxLength(200);
        job.Property(j => j.FailureCode).HasMaxLength(100);
        job.Property(j => j.RequestedBy).HasMaxLength(200);
        job.Property(j => j.Worker).HasMaxLength(200);
        job.HasIndex(j => new { j.Kind, j.RequestedAt }).HasFilter("state IN ('queued', 'running')");
        job.Ignore(j => j.IsOver);
    }
}
