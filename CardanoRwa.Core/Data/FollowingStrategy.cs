using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL;

namespace CardanoRwa.Core.Data;

/// <summary>
/// Repeats what met a server that was going, gone or no primary any more, for about five seconds: then the caller hears 503 and may come back.
/// With a pair it also forgets which server was which, or the next try would wait until that knowledge is old.
/// </summary>
public sealed class FollowingStrategy(ExecutionStrategyDependencies dependencies, NpgsqlMultiHostDataSource? pair)
    : NpgsqlRetryingExecutionStrategy(dependencies, pair is null ? 6 : 100, TimeSpan.FromSeconds(1), errorCodesToAdd: null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(150);
    private readonly ExecutionStrategyDependencies _dependencies = dependencies;
    private long _began;

    protected override void OnFirstExecution()
    {
        _began = TimeProvider.System.GetTimestamp();
        base.OnFirstExecution();
    }

    protected override bool ShouldRetryOn(Exception? exception)
    {
        var hasLeft = exception is not null && ServerFaults.HasLeft(exception);
        if (hasLeft)
        {
            pair?.ClearDatabaseStates();
            if (exception is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction })
            {
                // The pool's other connections lead to the same server.
                NpgsqlConnection.ClearPool((NpgsqlConnection)_dependencies.CurrentContext.Context.Database.GetDbConnection());
            }
        }
        return hasLeft || base.ShouldRetryOn(exception);
    }

    protected override TimeSpan? GetNextDelay(Exception lastException)
    {
        if (pair is null)
        {
            return base.GetNextDelay(lastException);
        }
        var tries = ExceptionsEncountered.Count;
        return TimeProvider.System.GetElapsedTime(_began) > Patience ? null : tries <= 1 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(Step.Ticks * (tries - 1), LongestStep.Ticks));
    }
}
