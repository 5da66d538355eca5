using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Retention;

/// <summary>
/// The mark on a backup that is about to be removed. Who removes marks first and looks for holds then; who holds notes the hold first and looks for
/// the mark then: whichever was second sees the other.
/// </summary>
internal static class Condemnation
{
    /// <summary>After it, a mark was left by somebody who died, and whoever made it must not remove any more.</summary>
    public static readonly TimeSpan Counts = TimeSpan.FromMinutes(2);

    /// <summary>A mark that stays says that the store refused; it is asked again after this.</summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromDays(1);

    public static Task MarkAsync(IObjectStore store, string systemId, string backupId, CancellationToken cancellationToken) =>
        store.PutAsync(RetentionLayout.Condemned(systemId, backupId), "{}"u8.ToArray(), ifAbsent: false, cancellationToken);

    public static Task LiftAsync(IObjectStore store, string systemId, string backupId, CancellationToken cancellationToken) =>
        store.DeleteAsync(RetentionLayout.Condemned(systemId, backupId), cancellationToken);

    public static async Task<bool> IsFreshAsync(IObjectStore store, string systemId, string backupId, DateTimeOffset storeTime, CancellationToken cancellationToken) =>
        await store.FindAsync(RetentionLayout.Condemned(systemId, backupId), cancellationToken) is { } mark && storeTime - mark.ModifiedAt < Counts * 2;
}
