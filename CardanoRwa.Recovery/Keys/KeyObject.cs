namespace CardanoRwa.Recovery.Keys;

/// <summary>A data key as it lies in a store, wrapped for each recipient. Never changed: a later number takes its place.</summary>
public sealed record KeyObject(int Version, string DataKeyId, int Number, DateTimeOffset CreatedAt, IReadOnlyList<WrappedKey> Recipients)
{
    public const int CurrentVersion = 1;

    public static KeyObject For(DataKey key, int number, DateTimeOffset now, IEnumerable<Recipient> recipients) =>
        new(CurrentVersion, key.Id, number, now, [.. recipients.Select(r => KeyWrap.Wrap(key, r))]);
}
