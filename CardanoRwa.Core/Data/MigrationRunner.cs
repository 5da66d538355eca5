using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Core.Data;

/// <summary>Brings the schema up to date, one process at a time.</summary>
public sealed partial class MigrationRunner(RwaDbContext db, ILogger<MigrationRunner> logger)
{
    // Any constant will do; it spells 'rwa-mig'.
    private const long LockKey = 0x72_77_61_2d_6d_69_67;

    /// <returns>The migrations applied by this call.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            // Held by the session: it is free again the moment this process dies.
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({LockKey})", cancellationToken);
            // Asking a history that is not there yet would log an error at the server at every first start.
            await db.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
            var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
            if (pending.Count > 0)
            {
                LogApplying(logger, string.Join(", ", pending));
                await db.Database.MigrateAsync(cancellationToken);
            }
            LogCurrent(logger, db.Database.GetMigrations().Last());
            return pending;
        }
        finally
        {
            if (db.Database.GetDbConnection().State == ConnectionState.Open)
            {
                await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None);
            }
            await db.Database.CloseConnectionAsync();
        }
    }

    [LoggerMessage(1800, LogLevel.Information, "Applying {Migrations}.")]
    private static partial void LogApplying(ILogger logger, string migrations);

    [LoggerMessage(1801, LogLevel.Information, "The schema is at {Migration}.")]
    private static partial void LogCurrent(ILogger logger, string migration);
}
