using System.Text.Json;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Recovery;

/// <summary>What the worker that backs up last reported, for the Api to show. Unlogged: it costs no WAL, and a restored copy does not inherit it.</summary>
public sealed class RecoveryReportRow
{
    public required string Name { get; init; }

    /// <summary>JSON.</summary>
    public required string Body { get; init; }

    /// <summary>By the database's clock.</summary>
    public DateTimeOffset PublishedAt { get; init; }
}

internal sealed class RecoveryReportRowConfiguration : IEntityTypeConfiguration<RecoveryReportRow>
{
    public void Configure(EntityTypeBuilder<RecoveryReportRow> row)
    {
        row.ToTable("recovery_reports");
        row.IsUnlogged();
        row.HasKey(r => r.Name);
        row.Property(r => r.Name).HasMaxLength(60).UseCollation("C");
        row.Property(r => r.Body).HasColumnType("jsonb");
    }
}

/// <summary>Reads and writes reports. Not audited: a report is no change of the registry.</summary>
public static class RecoveryReports
{
    public const string Status = "status";
    public const string Backups = "backups";

    // Lenient on purpose: during an upgrade Api and Worker may know different fields.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task PutAsync<T>(RwaDbContext db, string name, T body, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(body, Json);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO recovery_reports (name, body, published_at) VALUES ({name}, {json}::jsonb, clock_timestamp())
            ON CONFLICT (name) DO UPDATE SET body = excluded.body, published_at = excluded.published_at
            """, cancellationToken);
    }

    /// <summary>Null when none was published since the database was last restored or crashed.</summary>
    public static async Task<(T Body, DateTimeOffset At, TimeSpan Age)?> FindAsync<T>(RwaDbContext db, string name, CancellationToken cancellationToken) where T : class
    {
        var rows = await db.Database.SqlQuery<ReportAge>($"SELECT body::text AS body, published_at, extract(epoch FROM clock_timestamp() - published_at)::float8 AS seconds FROM recovery_reports WHERE name = {name}").ToListAsync(cancellationToken);
        return rows is [var row] ? (JsonSerializer.Deserialize<T>(row.Body, Json)!, row.PublishedAt, TimeSpan.FromSeconds(Math.Max(0, row.Seconds))) : null;
    }

    private sealed record ReportAge(string Body, DateTimeOffset PublishedAt, double Seconds);
}
