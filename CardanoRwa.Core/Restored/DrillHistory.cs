using CardanoRwa.Core.Data;
using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Restored;

/// <summary>What the stores' reports of drills say, for those who have no store: the worker copies them here. The stores' count.</summary>
public sealed class DrillHistory(RwaDbContext db)
{
    public Task PutAsync(string id, DateTimeOffset startedAt, string report, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"INSERT INTO drill_reports (id, started_at, report) VALUES ({id}, {startedAt}, {report}::jsonb) ON CONFLICT (id) DO NOTHING", cancellationToken);

    public async Task<IReadOnlyList<RawJson>> ListAsync(int most, CancellationToken cancellationToken) =>
        [.. (await db.Database.SqlQuery<string>($"""SELECT report::text AS "Value" FROM drill_reports ORDER BY started_at DESC LIMIT {most}""").ToListAsync(cancellationToken)).Select(r => new RawJson(r))];

    public async Task<IReadOnlySet<string>> IdsAsync(CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<string>($"""SELECT id AS "Value" FROM drill_reports""").ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
}
