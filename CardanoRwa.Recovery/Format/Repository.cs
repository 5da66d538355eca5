using System.Text.Json;

namespace CardanoRwa.Recovery.Format;

/// <summary>The mark of a store that holds backups: which version of the format it is in.</summary>
public sealed record Repository(int Format, DateTimeOffset CreatedAt)
{
    public const int CurrentFormat = 1;

    /// <summary>Marks an empty store, and refuses one whose format is newer than this program.</summary>
    public static async Task<Outcome<Repository>> EnsureAsync(IObjectStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(Layout.Repository, cancellationToken) is null)
        {
            var made = JsonSerializer.SerializeToUtf8Bytes(new Repository(CurrentFormat, clock.GetUtcNow()), RecoveryJson.Options);
            await store.PutAsync(Layout.Repository, made, ifAbsent: true, cancellationToken);
        }
        return await CheckAsync(store, cancellationToken);
    }

    public static async Task<Outcome<Repository>> CheckAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(Layout.Repository, cancellationToken) is not { } bytes)
        {
            return new RecoveryRefusal("repository.none", $"Store '{store.Name}' has no {Layout.Repository}: it holds no backups, or it is another place than the one that does.",
                "Check the store's address and prefix; the first backup marks an empty store.");
        }
        var repository = JsonSerializer.Deserialize<Repository>(bytes, RecoveryJson.Options)!;
        return repository.Format <= CurrentFormat
            ? repository
            : new RecoveryRefusal("repository.too-new", $"Store '{store.Name}' is in format {repository.Format}, and this program knows up to {CurrentFormat}.", "Use the newer program that wrote it.");
    }
}
