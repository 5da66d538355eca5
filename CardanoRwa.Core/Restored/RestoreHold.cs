using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Restored;

/// <summary>
/// Whether this database came out of a backup and nobody has compared it with the chain since. A restored server tells every session a name
/// that its restore gave it; what is held is a name that no row clears, and such rows are in no backup from before.
/// </summary>
public sealed class RestoreHold(RwaDbContext db, TimeProvider clock)
{
    /// <summary>Why minting is halted.</summary>
    public const string Code = "restored";

    /// <summary>A drill's copy; nothing ever clears it.</summary>
    private const string Drill = "drill-";

    /// <returns>Null when nothing is held.</returns>
    public async Task<HeldRestore?> FindAsync(CancellationToken cancellationToken)
    {
        var found = await db.Database.SqlQuery<HeldRow>($"""
            SELECT told.id AS restore_id, h.seen_slot, h.cleared_at FROM (SELECT nullif(current_setting('rwa.restored', true), '') AS id) told LEFT JOIN restore_holds h ON h.restore_id = told.id
            """).SingleAsync(cancellationToken);
        return found.RestoreId is null || found.ClearedAt is not null ? null
            : new HeldRestore(found.RestoreId, found.RestoreId.StartsWith(Drill, StringComparison.Ordinal), found.SeenSlot);
    }

    /// <summary>
    /// Notes where the chain stood, once: what the lost database had sent was made before that, and is in a block or out of its time that
    /// many slots later.
    /// </summary>
    public async Task<long> SeeAsync(string restoreId, long slot, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"INSERT INTO restore_holds (restore_id, seen_slot) VALUES ({restoreId}, {slot}) ON CONFLICT DO NOTHING", cancellationToken);
        return (await FindAsync(cancellationToken))?.SeenSlot ?? slot;
    }

    /// <summary>Within the caller's transaction.</summary>
    internal async Task ClearAsync(string restoreId, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"UPDATE restore_holds SET cleared_at = {ChangeStamp.Microseconds(clock.GetUtcNow())}, cleared_by = {stamp.Actor} WHERE restore_id = {restoreId}", cancellationToken);
        db.Audit.Add(new AuditEntry { Id = Guid.CreateVersion7(stamp.At), At = stamp.At, Actor = stamp.Actor, Action = "restore.cleared", SubjectId = SubjectOf(restoreId) });
    }

    private static Guid SubjectOf(string restoreId) => Guid.TryParseExact(restoreId["restore-".Length..], "N", out var id) ? id : Guid.Empty;

    private sealed record HeldRow(string? RestoreId, long? SeenSlot, DateTimeOffset? ClearedAt);
}

/// <param name="RestoreId">The name the restore gave it.</param>
/// <param name="IsDrill">A copy that must never act.</param>
/// <param name="SeenSlot">Where the chain stood when a worker first saw it.</param>
public sealed record HeldRestore(string RestoreId, bool IsDrill, long? SeenSlot);
