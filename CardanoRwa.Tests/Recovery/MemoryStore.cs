using System.Collections.Concurrent;
using CardanoRwa.Storage;

namespace CardanoRwa.Tests.Recovery;

/// <summary>A store in memory whose objects a test may alter and which it may break.</summary>
internal sealed class MemoryStore(string name = "memory") : IObjectStore
{
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Asked before each write; what it returns is thrown.</summary>
    public Func<string, StoreException?> OnWrite { get; set; } = _ => null;

    public bool IsDown { get; set; }
    public string Name => name;

    public Task<ObjectUpload> CreateAsync(string key, CancellationToken cancellationToken)
    {
        ThrowIfDown();
        return Task.FromResult<ObjectUpload>(new Upload(this, key));
    }

    public Task<Stream?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken)
    {
        ThrowIfDown();
        if (!Objects.TryGetValue(key, out var bytes))
        {
            return Task.FromResult<Stream?>(null);
        }
        var start = (int)Math.Min(offset, bytes.Length);
        return Task.FromResult<Stream?>(new MemoryStream(bytes, start, (int)Math.Min(length ?? long.MaxValue, bytes.Length - start), writable: false));
    }

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        ThrowIfDown();
        return Task.FromResult(Objects.TryGetValue(key, out var bytes) ? new StoredObject(key, bytes.Length, DateTimeOffset.UnixEpoch) : null);
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfDown();
        foreach (var (key, bytes) in Objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            yield return new StoredObject(key, bytes.Length, DateTimeOffset.UnixEpoch);
            await Task.Yield();
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ThrowIfDown();
        Objects.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    private void ThrowIfDown()
    {
        if (IsDown)
        {
            throw new StoreException(name, "it is down", isTransient: true);
        }
    }

    private sealed class Upload(MemoryStore store, string key) : ObjectUpload
    {
        private readonly MemoryStream _bytes = new();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            store.ThrowIfDown();
            if (store.OnWrite(key) is { } failure)
            {
                throw failure;
            }
            _bytes.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public override Task<bool> CompleteAsync(bool ifAbsent, CancellationToken cancellationToken)
        {
            store.ThrowIfDown();
            if (ifAbsent)
            {
                return Task.FromResult(store.Objects.TryAdd(key, _bytes.ToArray()));
            }
            store.Objects[key] = _bytes.ToArray();
            return Task.FromResult(true);
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
