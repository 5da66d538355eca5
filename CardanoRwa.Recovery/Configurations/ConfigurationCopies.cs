using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Configurations;

/// <summary>A version of a configuration or a schema. Its lines hold no secret, so it is kept in the clear and read without a key.</summary>
public sealed record ConfigurationCopy(string Kind, DateTimeOffset At, IReadOnlyList<string> Lines);

/// <summary>A copy as the stores tell it.</summary>
/// <param name="Id">Kind, time and hash, as the verbs take it.</param>
/// <param name="Stores">Those that hold it.</param>
public sealed record ConfigurationEntry(string SystemId, string Id, string Kind, DateTimeOffset At, IReadOnlyList<IObjectStore> Stores)
{
    /// <summary>What its lines must hash to.</summary>
    public string Hash => Id[(Id.LastIndexOf('-') + 1)..];
}

/// <summary>Versions of configurations beside the backups: one for each change, in every store, never replaced.</summary>
public sealed class ConfigurationCopies(IReadOnlyList<IObjectStore> stores)
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const int HashLength = 16;

    /// <summary>Writes a version to each store whose newest is another, and lets the oldest go.</summary>
    /// <param name="keep">Versions of a kind that stay.</param>
    /// <param name="onFailure">Told of a store that failed; the next call makes up for it.</param>
    /// <returns>Stores that took it.</returns>
    public async Task<IReadOnlyList<string>> KeepAsync(
        string systemId, ConfigurationCopy copy, int keep, Action<IObjectStore, StoreException> onFailure, CancellationToken cancellationToken)
    {
        var hash = HashOf(copy.Lines);
        var took = new List<string>();
        foreach (var store in stores)
        {
            try
            {
                var prefix = Layout.Configurations(systemId, copy.Kind);
                var names = await NamesAsync(store, prefix, cancellationToken);
                if (names is [.., var newest] && newest.EndsWith($"-{hash}.json", StringComparison.Ordinal))
                {
                    continue;
                }
                var name = $"{prefix}{copy.At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{hash}.json";
                if (await store.PutAsync(name, JsonSerializer.SerializeToUtf8Bytes(copy, RecoveryJson.Options), ifAbsent: true, cancellationToken))
                {
                    took.Add(store.Name);
                }
                foreach (var old in names.Take(Math.Max(0, names.Count + 1 - keep)))
                {
                    await store.DeleteAsync(old, cancellationToken);
                }
            }
            catch (StoreException e)
            {
                onFailure(store, e);
            }
        }
        return took;
    }

    /// <summary>Oldest first, with what could not be looked at.</summary>
    public async Task<(IReadOnlyList<ConfigurationEntry> Entries, IReadOnlyList<string> Faults)> ListAsync(string? systemId, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, (ConfigurationEntry Entry, List<IObjectStore> Stores)>(StringComparer.Ordinal);
        var faults = new List<string>();
        foreach (var store in stores)
        {
            try
            {
                await foreach (var item in store.ListAsync(systemId is null ? "" : $"{systemId}/config/", cancellationToken))
                {
                    if (item.Key.Split('/') is not [var system, "config", var kind, var file] || Parse(system, kind, file) is not { } entry)
                    {
                        continue;
                    }
                    if (!found.TryGetValue(item.Key, out var known))
                    {
                        var holders = new List<IObjectStore>();
                        found[item.Key] = known = (entry with { Stores = holders }, holders);
                    }
                    known.Stores.Add(store);
                }
            }
            catch (StoreException e)
            {
                faults.Add(e.Message);
            }
        }
        return ([.. found.Values.Select(f => f.Entry).OrderBy(e => e.At).ThenBy(e => e.Id, StringComparer.Ordinal)], faults);
    }

    /// <summary>From the first store whose copy is what its name says.</summary>
    public static async Task<ConfigurationCopy> ReadAsync(ConfigurationEntry entry, CancellationToken cancellationToken)
    {
        var name = $"{Layout.Configurations(entry.SystemId, entry.Kind)}{entry.Id[(entry.Kind.Length + 1)..]}.json";
        for (var i = 0; ; i++)
        {
            try
            {
                var bytes = await entry.Stores[i].GetAsync(name, cancellationToken) ?? throw new DamagedObjectException(name, DamageKind.Missing, "it is not in the store");
                return Open(name, bytes, entry.Hash);
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException && i + 1 < entry.Stores.Count)
            {
                // The next store has it too; if the last one fails as well, that failure is thrown.
            }
        }
    }

    /// <summary>Lines that only the one has, and lines that only the other has.</summary>
    public static (IReadOnlyList<string> Gone, IReadOnlyList<string> Come) Compare(ConfigurationCopy before, ConfigurationCopy after) =>
        ([.. before.Lines.Except(after.Lines, StringComparer.Ordinal)], [.. after.Lines.Except(before.Lines, StringComparer.Ordinal)]);

    private static ConfigurationCopy Open(string name, byte[] bytes, string hash)
    {
        try
        {
            var copy = JsonSerializer.Deserialize<ConfigurationCopy>(bytes, RecoveryJson.Options)!;
            return HashOf(copy.Lines) == hash ? copy : throw new DamagedObjectException(name, DamageKind.Altered, "its lines are not those that its name says");
        }
        catch (JsonException e)
        {
            throw new DamagedObjectException(name, DamageKind.Altered, "it is not what was written there", e);
        }
    }

    private static string HashOf(IReadOnlyList<string> lines) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..HashLength];

    private static ConfigurationEntry? Parse(string systemId, string kind, string file) =>
        file.EndsWith(".json", StringComparison.Ordinal) && file.Split('-') is [var time, _]
        && DateTimeOffset.TryParseExact(time, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? new ConfigurationEntry(systemId, $"{kind}/{file[..^".json".Length]}", kind, at, [])
            : null;

    private static async Task<List<string>> NamesAsync(IObjectStore store, string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var item in store.ListAsync(prefix, cancellationToken))
        {
            names.Add(item.Key);
        }
        return names;
    }
}
