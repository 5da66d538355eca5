using System.ComponentModel.DataAnnotations;
using CardanoRwa.Core.Configurations;
using CardanoRwa.Core.Data;
using CardanoRwa.Recovery.Configurations;
using CardanoRwa.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Section <c>Recovery:Configuration</c>.</summary>
internal sealed class ConfigurationOptions
{
    public const string Section = "Recovery:Configuration";

    /// <summary>How often it is looked whether the schema or a service's configuration is another.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Versions that stay, of each service and of the schema.</summary>
    [Range(2, 10_000)]
    public int Keep { get; set; } = 100;
}

/// <summary>Keeps a copy of every version of the schema, and of what each service was started with, in every store.</summary>
internal sealed partial class ConfigurationJob(
    StoreSet stores, SchemaState schema, IOptions<ConfigurationOptions> options, IServiceScopeFactory scopes, TimeProvider clock, ILogger<ConfigurationJob> logger) : PeriodicJob(scopes, clock, logger)
{
    private const string SchemaKind = "schema";
    private readonly ConfigurationCopies _copies = new(stores.ForBackups);

    protected override TimeSpan Interval => schema.IsCurrent ? options.Value.Interval : TimeSpan.FromSeconds(1);

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (stores.ForBackups.Count == 0 || !await schema.CheckAsync(cancellationToken))
        {
            return false;
        }
        var db = services.GetRequiredService<RwaDbContext>();
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var ask = new NpgsqlCommand("SELECT system_identifier::text FROM pg_control_system()", connection);
        var system = (string)(await ask.ExecuteScalarAsync(cancellationToken))!;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await KeepAsync(system, now, SchemaKind, await SchemaLines.ReadAsync(connection, "schema_migrations", cancellationToken), cancellationToken);
        foreach (var record in await db.Set<ConfigurationRecord>().AsNoTracking().OrderBy(r => r.Service).ToListAsync(cancellationToken))
        {
            await KeepAsync(system, now, record.Service, record.Lines, cancellationToken);
        }
        return false;
    }

    private async Task KeepAsync(string system, DateTimeOffset now, string kind, IReadOnlyList<string> lines, CancellationToken cancellationToken)
    {
        var took = await _copies.KeepAsync(system, new ConfigurationCopy(kind, now, lines), options.Value.Keep, (store, e) => LogFailed(logger, kind, store.Name, e.Message), cancellationToken);
        if (took.Count > 0)
        {
            LogKept(logger, kind, string.Join(", ", took));
        }
    }

    [LoggerMessage(4230, LogLevel.Information, "Another version of the {Kind} configuration is kept in {Stores}.")]
    private static partial void LogKept(ILogger logger, string kind, string stores);

    [LoggerMessage(4231, LogLevel.Warning, "The {Kind} configuration could not be kept in store {Store}: {Cause}")]
    private static partial void LogFailed(ILogger logger, string kind, string store, string cause);
}
