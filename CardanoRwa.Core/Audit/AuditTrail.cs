using System.Security.Cryptography;
using System.Text.Json;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace CardanoRwa.Core.Audit;

/// <summary>Turns the tracked changes of a context into audit rows.</summary>
internal static class AuditTrail
{
    public static List<AuditEntry> Describe(ChangeTracker tracker, ChangeStamp stamp)
    {
        tracker.DetectChanges();
        var rows = new List<AuditEntry>();
        foreach (var entry in tracker.Entries<IAudited>())
        {
            var verb = entry.State switch
            {
                EntityState.Added => "created",
                EntityState.Modified => "changed",
                EntityState.Deleted => "deleted",
                _ => null,
            };
            if (verb is null)
            {
                continue;
            }

            rows.Add(new AuditEntry
            {
                // The first row carries the id by which a writer in doubt asks whether it committed.
                Id = rows.Count == 0 ? stamp.AuditId : Guid.CreateVersion7(stamp.At),
                At = stamp.At,
                Actor = stamp.Actor,
                Action = $"{entry.Entity.AuditName}.{verb}",
                SubjectId = entry.Entity.Id,
                AssetId = entry.Entity.AssetId,
                BeforeHash = entry.State == EntityState.Added ? null : Hash(entry.OriginalValues),
                AfterHash = entry.State == EntityState.Deleted ? null : Hash(entry.CurrentValues),
            });
        }
        return rows;
    }

    private static byte[] Hash(PropertyValues values)
    {
        var state = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var property in values.Properties)
        {
            // Generated columns are the database's and follow from the others.
            if (property.ValueGenerated != Microsoft.EntityFrameworkCore.Metadata.ValueGenerated.OnAddOrUpdate)
            {
                state[property.Name] = values[property];
            }
        }
        return Hash(state);
    }

    /// <summary>SHA-256 of a state as JSON with its fields in ordinal order.</summary>
    public static byte[] Hash(SortedDictionary<string, object?> state) =>
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(state));
}
