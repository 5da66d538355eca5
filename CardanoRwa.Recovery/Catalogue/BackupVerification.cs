using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Retention;

namespace CardanoRwa.Recovery.Catalogue;

/// <summary>What a check of one backup in one store found.</summary>
/// <param name="Store">The store.</param>
/// <param name="Objects">Objects that were read.</param>
/// <param name="Bytes">Bytes that were read.</param>
/// <param name="WasOpened">Whether a key was at hand: without one only the stored bytes were compared with their hashes.</param>
/// <param name="Faults">Empty when all is well.</param>
public sealed record StoreVerification(string Store, int Objects, long Bytes, bool WasOpened, IReadOnlyList<string> Faults);

/// <summary>Reads every byte of a backup back from every store: hashes, and with a key also the manifest's tag, every frame and every file's sum.</summary>
public sealed class BackupVerification(KeyRing keys, TimeProvider? clock = null)
{
    public async Task<Outcome<IReadOnlyList<StoreVerification>>> RunAsync(CatalogueEntry entry, IReadOnlyList<IObjectStore> expected, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        DataKey? key = null;
        if (keys.CanOpen && (await keys.OpenAsync(entry.Manifest.DataKeyId, cancellationToken)).IsRefused(out var refusal, out key))
        {
            return refusal;
        }
        using var opened = key;
        if ((await BackupHold.TakeAsync(entry.Stores, entry.Manifest.SystemId, [entry.Manifest.Id], "verify", clock ?? TimeProvider.System, cancellationToken)).IsRefused(out var going, out var hold))
        {
            return going;
        }
        await using var held = hold;
        progress.Phase = "verifying";
        progress.Expect(entry.Manifest.Objects.Sum(o => o.StoredLength) * entry.Stores.Count);
        var reports = new List<StoreVerification>();
        foreach (var store in expected)
        {
            reports.Add(entry.Stores.Contains(store)
                ? await CheckAsync(store, entry.Manifest, key, progress, cancellationToken)
                : new StoreVerification(store.Name, 0, 0, key is not null, ["the backup is not in this store"]));
        }
        return reports;
    }

    private static async Task<StoreVerification> CheckAsync(IObjectStore store, BackupManifest listed, DataKey? key, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        var (count, bytes) = (0, 0L);
        FileIndex? index = null;
        var manifest = listed;
        await TryAsync(async () =>
        {
            var name = Layout.Manifest(listed.SystemId, listed.Id);
            var stored = await store.GetAsync(name, cancellationToken) ?? throw new DamagedObjectException(name, DamageKind.Missing, "it is not in the store");
            manifest = key is null ? ManifestFile.Parse(name, stored) : ManifestFile.Authenticate(name, stored, key);
            index = await BackupCatalogue.ReadIndexAsync(store, manifest, cancellationToken);
        });
        var sums = new Dictionary<string, ulong>(StringComparer.Ordinal);
        var extents = index?.Files.SelectMany(f => f.Extents.Select(e => (f.Path, Extent: e))).ToLookup(e => e.Extent.Number);
        foreach (var item in manifest.Objects)
        {
            await TryAsync(async () =>
            {
                await CheckObjectAsync(store, manifest, item, key, [.. extents?[item.Number].OrderBy(e => e.Extent.Position) ?? Enumerable.Empty<(string, Extent)>()], sums, cancellationToken);
                count++;
                bytes += item.StoredLength;
            });
            progress.Did(item.StoredLength);
        }
        if (key is not null && faults.Count == 0)
        {
            faults.AddRange(index!.Files.Where(f => sums.GetValueOrDefault(f.Path).ToString("x16", CultureInfo.InvariantCulture) != f.Sum).Select(f => $"{f.Path} is not what was backed up"));
        }
        return new StoreVerification(store.Name, count, bytes, key is not null, faults);

        async Task TryAsync(Func<Task> check)
        {
            try
            {
                await check();
            }
            catch (Exception e) when (e is DamagedObjectException or StoreException)
            {
                faults.Add(e.Message);
            }
        }
    }

    private static async Task CheckObjectAsync(
        IObjectStore store, BackupManifest manifest, DataObject item, DataKey? key, List<(string Path, Extent Extent)> extents, Dictionary<string, ulong> sums, CancellationToken cancellationToken)
    {
        var name = Layout.Data(manifest.SystemId, manifest.Id, item.Number);
        await using var stored = await store.OpenAsync(name, 0, null, cancellationToken) ?? throw new DamagedObjectException(name, DamageKind.Missing, "it is not in the store");
        await using var hashing = new HashingStream(stored);
        if (key is null)
        {
            await hashing.CopyToAsync(Stream.Null, cancellationToken);
        }
        else
        {
            var header = await FrameReader.ReadHeaderAsync(name, hashing, cancellationToken);
            using var frames = new FrameReader(name, key, header);
            await SumAsync(frames, hashing, extents, sums, cancellationToken);
        }
        if (hashing.Sha256() != item.Sha256)
        {
            throw new DamagedObjectException(name, DamageKind.Altered, "its SHA-256 is not the one in the manifest");
        }
    }

    private static async Task SumAsync(FrameReader frames, Stream stream, List<(string Path, Extent Extent)> extents, Dictionary<string, ulong> sums, CancellationToken cancellationToken)
    {
        var (next, position, hash) = (0, 0L, (XxHash3?)null);
        while (await frames.ReadAsync(stream, cancellationToken) is { } bytes)
        {
            while (next < extents.Count && extents[next].Extent.Position < position + bytes.Length)
            {
                var (path, extent) = extents[next];
                var (from, to) = (Math.Max(extent.Position, position), Math.Min(extent.Position + extent.Length, position + bytes.Length));
                hash ??= new XxHash3(extent.Offset);
                hash.Append(bytes.Span[(int)(from - position)..(int)(to - position)]);
                if (to < extent.Position + extent.Length)
                {
                    break;
                }
                sums[path] = unchecked(sums.GetValueOrDefault(path) + hash.GetCurrentHashAsUInt64());
                (hash, next) = (null, next + 1);
            }
            position += bytes.Length;
        }
    }

    /// <summary>Hashes what is read through it.</summary>
    private sealed class HashingStream(Stream inner) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            _hash.AppendData(buffer.Span[..count]);
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _hash.Dispose();
            }
            base.Dispose(disposing);
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
