using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using NpgsqlTypes;

namespace CardanoRwa.Tests.Retention;

/// <summary>Backups and WAL as they look in a store, without a database behind them.</summary>
internal static class Fabricated
{
    public const string System = "7000000000000000001";
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A backup of so long ago; positions grow with time, a segment a minute.</summary>
    public static BackupManifest Backup(TimeSpan age, BackupManifest? parent = null, BackupState state = BackupState.Good, uint timeline = 1)
    {
        var at = Now - age;
        var position = (ulong)(at - Now.AddDays(-100)).TotalMinutes * (ulong)WalSegment.DefaultSize;
        return new BackupManifest
        {
            Id = at.ToString("yyyyMMdd'T'HHmmss'Z'-000000", global::System.Globalization.CultureInfo.InvariantCulture),
            SystemId = System,
            Kind = parent is null ? BackupKind.Full : BackupKind.Incremental,
            State = state,
            ParentId = parent?.Id,
            DataKeyId = new string('0', 32),
            Timeline = timeline,
            StartLsn = new NpgsqlLogSequenceNumber(position),
            StopLsn = new NpgsqlLogSequenceNumber(position + 1000),
            StartedAt = at.AddSeconds(-1),
            StoppedAt = at,
            Server = new ServerFacts("15.1", 150001, 8192, 131072, WalSegment.DefaultSize, true, new Dictionary<string, string>(), new Dictionary<string, string>()),
            BackupLabel = "",
            FileCount = 1,
            FileBytes = 1,
            StoredBytes = 10,
            Files = new StoredFile(1, ""),
            Objects = [],
        };
    }

    public static StoreBases Bases(params (BackupManifest Manifest, bool IsVerified)[] backups) =>
        new([.. backups.Select(b => new StoredBase(b.Manifest, b.IsVerified ? b.Manifest.StoppedAt : null)).OrderBy(b => b.Manifest.StopLsn)], [], []);

    public static async Task PutAsync(IObjectStore store, BackupManifest backup, bool isVerified = true)
    {
        using var key = DataKey.New();
        await store.PutAsync(Layout.Data(System, backup.Id, 0), "data"u8.ToArray(), ifAbsent: true, default);
        await store.PutAsync(Layout.Manifest(System, backup.Id), ManifestFile.ToBytes(backup, key), ifAbsent: true, default);
        if (isVerified)
        {
            await Proofs.WriteAsync(new CatalogueEntry(backup, [store]), [new StoreVerification(store.Name, 1, 4, false, [])], [store], TimeProvider.System, default);
        }
    }

    /// <summary>The segment in which a backup starts, or one some segments away from it.</summary>
    public static string Segment(BackupManifest backup, int away = 0, uint timeline = 1)
    {
        var segment = WalSegment.Of(timeline, new NpgsqlLogSequenceNumber((ulong)backup.StartLsn + (ulong)(away * (long)WalSegment.DefaultSize)), WalSegment.DefaultSize);
        return Layout.WalWhole(System, timeline, segment.Name);
    }

    public static LocalFolderStore Store(string folder, string name) => new(name, new StoreOptions { Kind = StoreOptions.Folder, Path = Path.Combine(folder, name), Create = true }, TimeProvider.System);
}
