using System.Text.Json;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Jobs;

/// <summary>Does the jobs of one kind, one after the other in each worker.</summary>
public interface IJobHandler
{
    /// <summary>Such as 'backup'.</summary>
    string Kind { get; }

    /// <summary>What becomes of a job whose worker died or was stopped.</summary>
    OrphanedJob WhenOrphaned { get; }

    /// <param name="parameters">As they were requested, checked then.</param>
    /// <param name="progress">May be told as often as convenient.</param>
    /// <param name="cancellationToken">A client cancelled it, the worker stops, or another worker has it.</param>
    /// <returns>JSON, or why it could not be done. An exception is logged and told as an internal error.</returns>
    Task<Result<RawJson>> RunAsync(JsonElement parameters, IProgress<JobProgress> progress, CancellationToken cancellationToken);
}

/// <param name="Fraction">0 to 1.</param>
/// <param name="Step">A few words; up to 200 characters count.</param>
public sealed record JobProgress(double Fraction, string? Step);

public enum OrphanedJob
{
    /// <summary>It begins anew, three times at most.</summary>
    Requeue,

    /// <summary>Nobody can say how far it came; who asked may ask again.</summary>
    Fail,
}
