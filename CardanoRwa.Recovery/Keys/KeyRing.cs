using System.Globalization;
using System.Text.Json;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Keys;

/// <summary>
/// Makes and opens data keys. Making needs the recipients' public keys only, so a worker that backs up can be one that cannot read backups.
/// </summary>
public sealed class KeyRing(IReadOnlyList<IObjectStore> stores, IReadOnlyList<Recipient> recipients, IReadOnlyList<Identity> identities, TimeProvider clock)
{
    public IReadOnlyList<Recipient> Recipients => recipients;
    public bool CanOpen => identities.Count > 0;

    /// <summary>A new data key, wrapped for every recipient and stored before anything is sealed with it.</summary>
    /// <param name="onFailure">Told of a store that did not take it; only when none did does this throw.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<DataKey> CreateAsync(Action<IObjectStore, StoreException> onFailure, CancellationToken cancellationToken)
    {
        if (recipients.Count == 0)
        {
            throw new InvalidOperationException("A data key needs a recipient.");
        }
        var key = DataKey.New();
        await WriteAsync(KeyObject.For(key, 0, clock.GetUtcNow(), recipients), stores, onFailure, cancellationToken);
        return key;
    }

    /// <summary>Opens a data key with whichever identity is at hand, from whichever store has it.</summary>
    public async Task<Outcome<DataKey>> OpenAsync(string dataKeyId, CancellationToken cancellationToken)
    {
        if (identities.Count == 0)
        {
            return new RecoveryRefusal("key.no-identity", "No private key is at hand, so nothing can be opened.", "Set Recovery:IdentityFile to the key file, or type the recovery key with --recovery-key.");
        }

        KeyObject? seen = null;
        Exception? failure = null;
        foreach (var store in stores)
        {
            try
            {
                if (await NewestAsync(store, dataKeyId, cancellationToken) is not { } found)
                {
                    continue;
                }
                seen = found;
                if (Unwrap(found) is { } key)
                {
                    return key;
                }
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException)
            {
                // Another store may have it whole.
                failure = e;
            }
        }

        return (seen, failure) switch
        {
            (null, not null) => throw failure,
            (null, _) => new RecoveryRefusal("key.lost", $"No store has {Layout.KeyObjects(dataKeyId)}.", "Without the wrapped data key these objects cannot be opened; look in the other stores."),
            _ => new RecoveryRefusal("key.wrong",
                $"Data key {dataKeyId} is wrapped for {string.Join(", ", seen.Recipients.Select(IdOf))}, and the key at hand is {string.Join(", ", identities.Select(i => i.Recipient.Id))}.",
                "Use the key file or the recovery key of one of those recipients."),
        };
    }

    /// <summary>Wraps every data key anew for the recipients given, whom it had before or not. Data stay as they are.</summary>
    public async Task<Outcome<int>> RewrapAsync(IReadOnlyList<Recipient> forRecipients, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var store in stores)
        {
            foreach (var id in await ListAsync(store, cancellationToken))
            {
                var newest = (await NewestAsync(store, id, cancellationToken))!;
                if (newest.Recipients.Select(r => r.Recipient).ToHashSet().SetEquals(forRecipients.Select(r => r.ToString())))
                {
                    continue;
                }
                if ((await OpenAsync(id, cancellationToken)).IsRefused(out var refusal, out var key))
                {
                    return refusal;
                }
                using (key)
                {
                    await WriteAsync(KeyObject.For(key, newest.Number + 1, clock.GetUtcNow(), forRecipients), [store], (_, e) => throw e, cancellationToken);
                }
                count++;
            }
        }
        return count;
    }

    /// <summary>Tries every data key of every store.</summary>
    public async Task<KeyReport> CheckAsync(CancellationToken cancellationToken)
    {
        var report = new KeyReport([], [], []);
        foreach (var store in stores)
        {
            foreach (var id in await ListAsync(store, cancellationToken))
            {
                var newest = (await NewestAsync(store, id, cancellationToken))!;
                using var key = Unwrap(newest);
                (key is null ? report.Unopened : report.Opened).Add($"{store.Name}:{id}");
                if (newest.Recipients.Count < 2)
                {
                    report.SingleRecipient.Add($"{store.Name}:{id}");
                }
            }
        }
        return report;
    }

    private DataKey? Unwrap(KeyObject found) =>
        identities.SelectMany(i => found.Recipients.Select(r => i.Unwrap(found.DataKeyId, r))).FirstOrDefault(k => k is not null);

    private static async Task<List<string>> ListAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        await foreach (var item in store.ListAsync(Layout.Keys, cancellationToken))
        {
            var id = item.Key[Layout.Keys.Length..].Split('/')[0];
            if (ids.Count == 0 || ids[^1] != id)
            {
                ids.Add(id);
            }
        }
        return ids;
    }

    private static async Task<KeyObject?> NewestAsync(IObjectStore store, string dataKeyId, CancellationToken cancellationToken)
    {
        StoredObject? newest = null;
        await foreach (var item in store.ListAsync(Layout.KeyObjects(dataKeyId), cancellationToken))
        {
            newest = newest is null || NumberOf(item.Key) > NumberOf(newest.Key) ? item : newest;
        }
        return newest is not null && await store.GetAsync(newest.Key, cancellationToken) is { } bytes
            ? Parse(newest.Key, bytes)
            : null;
    }

    private static KeyObject Parse(string key, byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<KeyObject>(bytes, RecoveryJson.Options)!;
        }
        catch (JsonException e)
        {
            throw new DamagedObjectException(key, DamageKind.Altered, "it is not what was written there", e);
        }
    }

    private static int NumberOf(string key) =>
        int.TryParse(Path.GetFileNameWithoutExtension(key), CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static string IdOf(WrappedKey wrapped) => Recipient.Parse(wrapped.Recipient).Value?.Id ?? "an unreadable recipient";

    private static async Task WriteAsync(KeyObject item, IReadOnlyList<IObjectStore> to, Action<IObjectStore, StoreException> onFailure, CancellationToken cancellationToken)
    {
        var key = Layout.KeyObject(item.DataKeyId, item.Number);
        await using var upload = await FanoutUpload.CreateAsync(to, key, onFailure, cancellationToken);
        await upload.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(item, RecoveryJson.Options), cancellationToken);
        if (!await upload.CompleteAsync(ifAbsent: true, cancellationToken))
        {
            throw new InvalidOperationException($"{key} is there already: two programs wrap keys at once. Run it again.");
        }
    }
}

/// <summary>What a check of the keys found, as <c>store:data-key-id</c>.</summary>
/// <param name="Opened">Data keys that the identity at hand opens.</param>
/// <param name="Unopened">Those it does not.</param>
/// <param name="SingleRecipient">Those that one lost key would lose.</param>
public sealed record KeyReport(List<string> Opened, List<string> Unopened, List<string> SingleRecipient);
