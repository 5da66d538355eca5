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
        foreach (var entry in tracker.Entries<IAudited>().Where(e => e.State is EntityState.Added or EntityState.Modified or EntityState.Deleted))
        {
            // The first row carries the id by which a writer in doubt asks whether it committed.
            rows.Add(Describe(entry, entry.State, rows.Count == 0 ? stamp.AuditId : Guid.CreateVersion7(stamp.At), stamp));
        }
        return rows;
    }

    /// <summary>The row for an entity that is inserted past the change tracker.</summary>
    public static AuditEntry Created(EntityEntry<IAudited> entry, ChangeStamp stamp) => Describe(entry, EntityState.Added, Guid.CreateVersion7(stamp.At), stamp);

    private static AuditEntry Describe(EntityEntry<IAudited> entry, EntityState change, Guid id, ChangeStamp stamp)
    {
        var told = change != EntityState.Deleted && entry.Entity is IAnnounced announced
            ? announced.Announce(change == EntityState.Added ? null : entry.OriginalValues.ToObject())
            : null;
        return new()
        {
            Id = id,
            At = stamp.At,
            Actor = stamp.Actor,
            Action = $"{entry.Entity.AuditName}.{Verb(change)}",
            SubjectId = entry.Entity.Id,
            AssetId = entry.Entity.AssetId,
            BeforeHash = change == EntityState.Added ? null : Hash(entry.OriginalValues),
            AfterHash = change == EntityState.Deleted ? null : Hash(entry.CurrentValues),
            Event = told?.Type,
            EventData = told?.Data is null ? null : JsonSerializer.Serialize(told.Data),
        };
    }

    private static string Verb(EntityState change) => change switch
    {
        EntityState.Added => "created",
        EntityState.Modified => "changed",
        _ => "deleted",
    };

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
