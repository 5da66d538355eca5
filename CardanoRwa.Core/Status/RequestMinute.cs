using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Status;

/// <summary>How one process of the Api answered within one minute: what the platform itself knows of its availability.</summary>
public sealed class RequestMinute
{
    public DateTimeOffset Minute { get; init; }

    /// <summary>Anew at every start of a process.</summary>
    public Guid Replica { get; init; }

    public long Requests { get; init; }

    /// <summary>Of them: a server's faults, by the definition of the alerts.</summary>
    public long Faults { get; init; }
}

internal sealed class RequestMinuteConfiguration : IEntityTypeConfiguration<RequestMinute>
{
    public void Configure(EntityTypeBuilder<RequestMinute> minute)
    {
        minute.ToTable("request_minutes");
        minute.HasKey(m => new { m.Minute, m.Replica });
    }
}

/// <summary>Writes and sums minutes. Not audited: they are no change of the registry.</summary>
public static class RequestMinutes
{
    /// <summary>As long as the service level looks back, and a little.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(40);

    /// <summary>Each row is a process's total of its minute, so writing it twice changes nothing.</summary>
    public static Task PutAsync(RwaDbContext db, Guid replica, IReadOnlyList<RequestMinute> minutes, CancellationToken cancellationToken)
    {
        var (at, requests, faults) = (minutes.Select(m => m.Minute).ToArray(), minutes.Select(m => m.Requests).ToArray(), minutes.Select(m => m.Faults).ToArray());
        return db.Database.ExecuteSqlAsync($"""
            INSERT INTO request_minutes (minute, replica, requests, faults) SELECT m, {replica}, r, f FROM unnest({at}, {requests}, {faults}) AS t(m, r, f)
            ON CONFLICT (minute, replica) DO UPDATE SET requests = excluded.requests, faults = excluded.faults
            """, cancellationToken);
    }

    /// <summary>Sums by day, oldest first.</summary>
    public static Task<List<RequestDay>> DaysAsync(RwaDbContext db, DateTimeOffset since, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<RequestDay>($"""
            SELECT (minute AT TIME ZONE 'UTC')::date AS day, sum(requests)::bigint AS requests, sum(faults)::bigint AS faults, min(minute) AS since
            FROM request_minutes WHERE minute >= {since} GROUP BY 1 ORDER BY 1
            """).ToListAsync(cancellationToken);

    public static Task<int> ForgetAsync(RwaDbContext db, DateTimeOffset before, int most, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"DELETE FROM request_minutes WHERE ctid = ANY(ARRAY(SELECT ctid FROM request_minutes WHERE minute < {before} LIMIT {most}))", cancellationToken);
}

/// <param name="Since">The day's first minute that was counted.</param>
public sealed record RequestDay(DateOnly Day, long Requests, long Faults, DateTimeOffset Since);
