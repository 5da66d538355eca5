using CardanoRwa.Core.Data;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Wal;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Worker.Recovery;

/// <summary>The connection that is backed up: what is configured, or the role of its own made with the application's rights; where those do not suffice, the application's.</summary>
internal sealed partial class BackupSource(IOptions<RecoveryOptions> recovery, SchemaState schema, IConfiguration configuration, TimeProvider clock, ILogger<BackupSource> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private volatile string? _known;

    /// <summary>What is configured, or the application's: dumps need nothing more than to read.</summary>
    public string Configured => recovery.Value.Source is { Length: > 0 } given ? given
        : configuration.GetConnectionString("rwadb") ?? throw new InvalidOperationException("There is no connection string 'rwadb'.");

    /// <summary>Waits for the database where it must be asked.</summary>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known)
        {
            return known;
        }
        if (recovery.Value.Source is { Length: > 0 } given)
        {
            return _known = given;
        }
        var application = Configured;
        while (true)
        {
            try
            {
                // After the migrations: an empty registry is no backup worth having.
                if (await schema.CheckAsync(cancellationToken))
                {
                    var own = await BackupRole.EnsureAsync(application, cancellationToken);
                    if (own is null)
                    {
                        LogNoRole(logger, BackupRole.Name);
                    }
                    return _known = own ?? application;
                }
            }
            catch (Exception e) when (e is NpgsqlException or RetryLimitExceededException or InvalidOperationException { InnerException: NpgsqlException })
            {
                LogWaiting(logger, e.GetBaseException().Message);
            }
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    [LoggerMessage(4203, LogLevel.Warning, "Role {Role} cannot be made with the application's rights; backups use the application's connection. The grants stand in docs/backups.md.")]
    private static partial void LogNoRole(ILogger logger, string role);

    [LoggerMessage(4204, LogLevel.Warning, "Backups wait for the database: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
