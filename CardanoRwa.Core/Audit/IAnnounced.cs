namespace CardanoRwa.Core.Audit;

/// <summary>An audited entity whose changes may be told to subscribers. The audit row carries the announcement, so it commits with the change.</summary>
public interface IAnnounced : IAudited
{
    /// <param name="before">The entity as it was, of the same type; null when it is new. Never called for a deletion.</param>
    /// <returns>Null when this change is nothing to tell.</returns>
    Announcement? Announce(object? before);
}

/// <summary>What subscribers are told of a change.</summary>
/// <param name="Type">One of <see cref="Webhooks.EventTypes.All"/>, such as 'operation.confirmed'.</param>
/// <param name="Data">A few facts by name; nothing confidential, and no more than a subscriber needs to decide whether to ask for the rest.</param>
public sealed record Announcement(string Type, IReadOnlyDictionary<string, string?>? Data = null);
