namespace CardanoRwa.Storage;

/// <summary>
/// A place for immutable objects: a folder, S3 or Azure Blob. Keys are '/'-separated, relative, ASCII.
/// A failure of the store itself is a <see cref="StoreException"/>, never 'not found'.
/// </summary>
public interface IObjectStore
{
    /// <summary>The name the store is configured under; metrics and reports carry it.</summary>
    string Name { get; }

    /// <summary>Begins an object. Nothing is visible under the key before <see cref="ObjectUpload.CompleteAsync"/>.</summary>
    Task<ObjectUpload> CreateAsync(string key, CancellationToken cancellationToken);

    /// <summary>Reads an object or a range of it; null when there is none under the key.</summary>
    /// <param name="key">The object's key.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes to read at most; null reads to the end.</param>
    /// <param name="cancellationToken">Stops opening; the stream has tokens of its own.</param>
    Task<Stream?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken);

    /// <summary>What stands under a key; null when nothing does.</summary>
    Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>All objects whose key begins with the prefix, in ordinal order of keys.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes an object; one that is not there is no error.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);
}

/// <summary>An object in a store.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ModifiedAt">When the store took it, by the store's clock.</param>
public sealed record StoredObject(string Key, long Length, DateTimeOffset ModifiedAt);

/// <summary>An object being written, in parts of any size. Disposed without completion, it leaves nothing under its key.</summary>
public abstract class ObjectUpload : IAsyncDisposable
{
    /// <summary>Appends bytes; they may be reused by the caller once the task has ended.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes the object visible, whole and durable.</summary>
    /// <param name="ifAbsent">Refuse to replace an object under the key.</param>
    /// <param name="cancellationToken">A cancelled completion is in doubt: look the key up.</param>
    /// <returns>False when <paramref name="ifAbsent"/> and the key was taken.</returns>
    public abstract Task<bool> CompleteAsync(bool ifAbsent, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}

/// <summary>The store could not be used: unreachable, refused the credentials, full, or answered wrongly.</summary>
/// <param name="store">The store's configured name.</param>
/// <param name="message">What failed, without secrets.</param>
/// <param name="isTransient">Whether the same request may succeed later.</param>
/// <param name="inner">The cause.</param>
public sealed class StoreException(string store, string message, bool isTransient, Exception? inner = null) : IOException($"{store}: {message}", inner)
{
    public string Store => store;
    public bool IsTransient => isTransient;
}
