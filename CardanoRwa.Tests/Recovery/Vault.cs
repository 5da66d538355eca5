using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Stores and keys of one test, and what is done with them.</summary>
internal sealed class Vault : IDisposable
{
    public Vault(params MemoryStore[] stores) => Stores = stores.Length > 0 ? stores : [new MemoryStore("one"), new MemoryStore("two")];

    public IReadOnlyList<MemoryStore> Stores { get; }
    public Identity Identity { get; private init; } = Identity.New();
    public Identity Paper { get; private init; } = Identity.New();
    public BackupCatalogue Catalogue => new([.. Stores]);
    public KeyRing Writer => new([.. Stores], [Identity.Recipient, Paper.Recipient], [], TimeProvider.System);
    public KeyRing Reader => new([.. Stores], [Identity.Recipient, Paper.Recipient], [Identity], TimeProvider.System);

    public async Task<BackupResult> BackUpAsync(ThrowAwayCluster cluster, bool isIncremental = false, bool readsFilesHere = true)
    {
        var request = new BackupRequest(cluster.ConnectionString) { IsIncremental = isIncremental, ReadsFilesHere = readsFilesHere };
        return Value(await new BaseBackup([.. Stores], Writer, TimeProvider.System).RunAsync(request, new RecoveryProgress(TimeProvider.System), default));
    }

    public async Task<Outcome<RestoreResult>> TryRestoreAsync(RestoreRequest request, KeyRing? keys = null, IWalSource? wal = null) =>
        await new RestoreRun([.. Stores], keys ?? Reader, wal, TimeProvider.System).RunAsync(request, new RecoveryProgress(TimeProvider.System), default);

    /// <summary>Restores the end of a backup, not started.</summary>
    public async Task<ThrowAwayCluster> RestoreAsync(int major, string? backupId = null)
    {
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        Value(await TryRestoreAsync(new RestoreRequest(data, new RestoreTarget.Backup()) { BackupId = backupId }));
        return await ThrowAwayCluster.OnAsync(major, data);
    }

    /// <summary>The same keys and copies of the stores, to be damaged.</summary>
    public Vault Copy()
    {
        var copies = Stores.Select(s => new MemoryStore(s.Name)).ToArray();
        for (var i = 0; i < copies.Length; i++)
        {
            foreach (var (key, bytes) in Stores[i].Objects)
            {
                copies[i].Objects[key] = bytes;
            }
        }
        return new Vault(copies) { Identity = Identity, Paper = Paper };
    }

    public static T Value<T>(Outcome<T> outcome)
    {
        Assert.False(outcome.IsRefused(out var refusal, out var value), $"{refusal?.Code}: {refusal?.Detail} {refusal?.Hint}");
        return value;
    }

    public void Dispose()
    {
        Identity.Dispose();
        Paper.Dispose();
    }
}
