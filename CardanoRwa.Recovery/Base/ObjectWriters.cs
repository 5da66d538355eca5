using System.Collections.Concurrent;
using System.Globalization;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Base;

/// <summary>The data objects of one backup, written into every store that still takes them.</summary>
internal sealed class ObjectWriters(string systemId, string backupId, DataKey key, IReadOnlyList<IObjectStore> stores, RecoveryProgress progress)
{
    /// <summary>So large that requests do not count, so small that a restore has enough of them to read side by side.</summary>
    public const long ObjectLength = 96L << 20;

    private readonly ConcurrentDictionary<string, string> _failures = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<DataObject> _done = [];
    private int _number = -1;

    public DataKey Key => key;
    public IReadOnlyList<IObjectStore> Live => [.. stores.Where(s => !_failures.ContainsKey(s.Name))];

    /// <summary>Store and cause.</summary>
    public IReadOnlyDictionary<string, string> Failures => _failures;

    public IReadOnlyList<DataObject> Done => [.. _done.OrderBy(o => o.Number)];

    public void Fail(IObjectStore store, StoreException e) => _failures.TryAdd(store.Name, e.Message);

    public async Task<(int Number, SealedWriter Writer)> NextAsync(CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _number);
        var name = Layout.Data(systemId, backupId, number);
        return (number, new SealedWriter(name, key, SealedCompression.Zstd, await FanoutUpload.CreateAsync(Live, name, Fail, cancellationToken)));
    }

    public async Task CompleteAsync(int number, SealedWriter writer, CancellationToken cancellationToken)
    {
        var written = await writer.CompleteAsync(ifAbsent: true, cancellationToken)
            ?? throw new InvalidOperationException($"Data object {number} of backup {backupId} is there already: two backups have the same name.");
        _done.Add(new DataObject(number, written.PlainLength, written.StoredLength, written.Sha256, written.Frames));
        progress.Stored(written.StoredLength);
    }

    public async Task<StoredFile> PutAsync(string name, byte[] bytes, CancellationToken cancellationToken)
    {
        await using var upload = await FanoutUpload.CreateAsync(Live, name, Fail, cancellationToken);
        await upload.WriteAsync(bytes, cancellationToken);
        if (!await upload.CompleteAsync(ifAbsent: true, cancellationToken))
        {
            throw new InvalidOperationException($"{name} is there already: two backups have the same name.");
        }
        progress.Stored(bytes.Length);
        return new StoredFile(bytes.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
    }

    /// <summary>Each store is asked for itself: an object that is not there in full counts as that store's failure.</summary>
    public async Task CheckLengthsAsync(CancellationToken cancellationToken)
    {
        foreach (var store in Live)
        {
            try
            {
                foreach (var item in Done)
                {
                    var name = Layout.Data(systemId, backupId, item.Number);
                    var found = await store.FindAsync(name, cancellationToken);
                    if (found?.Length != item.StoredLength)
                    {
                        Fail(store, new StoreException(store.Name, $"{name} has {found?.Length.ToString(CultureInfo.InvariantCulture) ?? "no"} bytes after it was written, and should have {item.StoredLength}", isTransient: false));
                        break;
                    }
                }
            }
            catch (StoreException e)
            {
                Fail(store, e);
            }
        }
    }
}
