using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CardanoRwa.Core.Data;

/// <summary>What one request waited for the database: its commands and its commit.</summary>
public sealed class DatabaseTime
{
    private static readonly AsyncLocal<DatabaseTime?> Current = new();
    private long _ticks;

    internal static CommandTimes Commands { get; } = new();
    internal static TransactionTimes Transactions { get; } = new();

    /// <summary>Zero until something was sent to the database; of commands at one moment, their sum.</summary>
    public TimeSpan Elapsed => new(Volatile.Read(ref _ticks));

    /// <summary>Counts what is called from here on.</summary>
    public static DatabaseTime Begin() => Current.Value = new DatabaseTime();

    /// <summary>Counts what was waited for past the interceptors.</summary>
    internal static void Add(TimeSpan time)
    {
        if (Current.Value is { } current)
        {
            Interlocked.Add(ref current._ticks, time.Ticks);
        }
    }

    internal sealed class CommandTimes : DbCommandInterceptor
    {
        public override DbDataReader ReaderExecuted(DbCommand command, CommandExecutedEventData eventData, DbDataReader result)
        {
            Add(eventData.Duration);
            return result;
        }

        public override ValueTask<DbDataReader> ReaderExecutedAsync(DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            Add(eventData.Duration);
            return new(result);
        }

        public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            Add(eventData.Duration);
            return new(result);
        }

        public override ValueTask<object?> ScalarExecutedAsync(DbCommand command, CommandExecutedEventData eventData, object? result, CancellationToken cancellationToken = default)
        {
            Add(eventData.Duration);
            return new(result);
        }
    }

    internal sealed class TransactionTimes : DbTransactionInterceptor
    {
        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Add(eventData.Duration);
            return Task.CompletedTask;
        }
    }
}
