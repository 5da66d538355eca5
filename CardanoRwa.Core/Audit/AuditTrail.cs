using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CardanoRwa.Core.Audit;

/// <summary>Turns the tracked changes of a context into audit rows.</summary>
internal static class AuditTrail
{
    private static readonly ConcurrentDictionary<IEntityType, (string Name, IClrPropertyGetter Getter)[]> Fields = new();

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
    public static AuditEntry Created(IAudited entity, IModel model, Guid id, ChangeStamp stamp) =>
        Describe(entity, EntityState.Added, null, null, Hash(entity, model.FindEntityType(entity.GetType())!), id, stamp);

    private static AuditEntry Describe(EntityEntry<IAudited> entry, EntityState change, Guid id, ChangeStamp stamp) => Describe(
        entry.Entity,
        change,
        change != EntityState.Added && entry.Entity is IAnnounced ? entry.OriginalValues.ToObject() : null,
        change == EntityState.Added ? null : Hash(entry.OriginalValues),
        change == EntityState.Deleted ? null : Hash(entry.CurrentValues),
        id,
        stamp);

    private static AuditEntry Describe(IAudited entity, EntityState change, object? before, byte[]? beforeHash, byte[]? afterHash, Guid id, ChangeStamp stamp)
    {
        var told = change != EntityState.Deleted && entity is IAnnounced announced ? announced.Announce(before) : null;
        return new()
        {
            Id = id,
            At = stamp.At,
            Actor = stamp.Actor,
            Action = $"{entity.AuditName}.{Verb(change)}",
            SubjectId = entity.Id,
            AssetId = entity.AssetId,
            BeforeHash = beforeHash,
            AfterHash = afterHash,
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
        foreach (var property in values.Properties.Where(IsOwn))
        {
            state[property.Name] = values[property];
        }
        return Hash(state);
    }

    /// <summary>SHA-256 of a state as JSON with its fields in ordinal order.</summary>
    public static byte[] Hash(SortedDictionary<string, object?> state) =>
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(state));

    /// <summary>The same of an entity that no context tracks: many are written at a time, and a tracker's snapshot of each is not needed.</summary>
    private static byte[] Hash(object entity, IEntityType type)
    {
        var fields = Fields.GetOrAdd(type, static t => [.. t.GetProperties().Where(IsOwn).OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => (p.Name, p.GetGetter()))]);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, getter) in fields)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, getter.GetClrValueUsingContainingEntity(entity));
            }
            json.WriteEndObject();
        }
        return SHA256.HashData(buffer.WrittenSpan);
    }

    // Generated columns are the database's and follow from the others.
    private static bool IsOwn(IProperty property) => property.ValueGenerated != ValueGenerated.OnAddOrUpdate;
}
