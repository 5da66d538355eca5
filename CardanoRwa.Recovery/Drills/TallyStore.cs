using System.Text.Json;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Drills;

/// <summary>Tallies as sealed objects beside the backups: a drill needs a store and a key, not the database that was counted.</summary>
public sealed class TallyStore(IReadOnlyList<IObjectStore> stores, KeyRing keys)
{
    private const int Kept = 100;

    public static string Folder(string systemId) => $"{systemId}/tally/";

    /// <returns>Stores that did not take it.</returns>
    public async Task<IReadOnlyDictionary<string, string>> WriteAsync(Tally tally, CancellationToken cancellationToken)
    {
        var failed = new Dictionary<string, string>(StringComparer.Ordinal);
        using var key = await keys.CreateAsync(Fail, cancellationToken);
        var live = stores.Where(s => !failed.ContainsKey(s.Name)).ToList();
        var name = NameOf(tally.SystemId, tally.Name);
        await using var writer = new SealedWriter(name, key, SealedCompression.Zstd, await FanoutUpload.CreateAsync(live, name, Fail, cancellationToken));
        await writer.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(tally, RecoveryJson.Compact), cancellationToken);
        await writer.CompleteAsync(ifAbsent: true, cancellationToken);
        foreach (var store in live.Where(s => !failed.ContainsKey(s.Name)))
        {
            await ForgetOldAsync(store, tally.SystemId, cancellationToken);
        }
        return failed;

        void Fail(IObjectStore store, StoreException e) => failed[store.Name] = e.Message;
    }

    /// <summary>Names in one store, newest last.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(IObjectStore store, string systemId, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var found in store.ListAsync(Folder(systemId), cancellationToken))
        {
            names.Add(found.Key);
        }
        return names;
    }

    /// <summary>The newest that a copy of one timeline can be replayed to, and the newest beyond its end.</summary>
    public static async Task<Outcome<TallyChoice>> ChooseAsync(IObjectStore store, KeyRing keys, string systemId, uint timeline, Lsn after, Lsn until, CancellationToken cancellationToken)
    {
        Tally? beyond = null;
        foreach (var name in (await ListAsync(store, systemId, cancellationToken)).Reverse())
        {
            if ((await ReadAsync(store, keys, name, cancellationToken)).IsRefused(out var refusal, out var tally))
            {
                return refusal;
            }
            if (tally.At <= after)
            {
                break;
            }
            if (tally.Timeline == timeline && tally.At <= until)
            {
                return new TallyChoice(tally, beyond);
            }
            beyond ??= tally.Timeline == timeline ? tally : null;
        }
        return new TallyChoice(null, beyond);
    }

    public static async Task<Outcome<Tally>> ReadAsync(IObjectStore store, KeyRing keys, string name, CancellationToken cancellationToken)
    {
        var id = await SealedStream.PeekKeyIdAsync(store, name, cancellationToken) ?? throw new DamagedObjectException(name, DamageKind.Missing, "it is not in the store");
        if ((await keys.OpenAsync(id, cancellationToken)).IsRefused(out var refusal, out var key))
        {
            return refusal;
        }
        using (key)
        {
            await using var plain = await SealedStream.OpenAsync(store, name, key, cancellationToken) ?? throw new DamagedObjectException(name, DamageKind.Missing, "it is not in the store");
            using var bytes = new MemoryStream();
            await plain.CopyToAsync(bytes, cancellationToken);
            return JsonSerializer.Deserialize<Tally>(bytes.ToArray(), RecoveryJson.Compact)!;
        }
    }

    private static string NameOf(string systemId, string name) => $"{Folder(systemId)}{name}";

    private static async Task ForgetOldAsync(IObjectStore store, string systemId, CancellationToken cancellationToken)
    {
        foreach (var name in (await ListAsync(store, systemId, cancellationToken)).SkipLast(Kept))
        {
            var key = await SealedStream.PeekKeyIdAsync(store, name, cancellationToken);
            await store.DeleteAsync(name, cancellationToken);
            foreach (var wrapped in await store.ListAsync(Layout.KeyObjects(key!), cancellationToken).ToListAsync(cancellationToken))
            {
                await store.DeleteAsync(wrapped.Key, cancellationToken);
            }
        }
    }
}

/// <param name="Usable">To compare with.</param>
/// <param name="Beyond">One that the log does not reach.</param>
public sealed record TallyChoice(Tally? Usable, Tally? Beyond);
