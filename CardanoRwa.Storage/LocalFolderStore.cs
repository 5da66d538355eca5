using System.Runtime.CompilerServices;

namespace CardanoRwa.Storage;

/// <summary>
/// A folder of a local or mounted file system. An object is written under another name, flushed, then linked into place,
/// and the folder is flushed too: what was answered survives a loss of power.
/// </summary>
public sealed class LocalFolderStore : IObjectStore
{
    // No key begins with a dot.
    internal const string Unfinished = ".unfinished";
    private readonly string _root;
    private readonly bool _create;
    private readonly TimeProvider _clock;
    private readonly StoreCalls _calls;
    private volatile bool _prepared;

    public LocalFolderStore(string name, StoreOptions options, TimeProvider clock)
    {
        Name = name;
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(options.Path!, options.Prefix.Replace('/', Path.DirectorySeparatorChar))));
        _create = options.Create;
        _clock = clock;
        _calls = new StoreCalls(name, new StoreOptions { AttemptTimeout = options.AttemptTimeout, Deadline = options.Deadline, Retries = 0 }, Judge, clock);
    }

    public string Name { get; }

    public async Task<ObjectUpload> CreateAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        var temporary = Path.Combine(_root, Unfinished, Guid.NewGuid().ToString("N"));
        var file = await DoAsync($"creating {key}", () =>
        {
            Prepare();
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        }, cancellationToken);
        return new LocalFolderUpload(_calls, key, file, path, _root);
    }

    public async Task<Stream?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return await DoAsync($"opening {key}", () =>
        {
            if (!Exists(path))
            {
                return null;
            }
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);
            var rest = Math.Max(0, file.Length - offset);
            file.Position = Math.Min(offset, file.Length);
            return new ResumingStream(_calls, key, new(file, Math.Min(rest, length ?? rest)), (_, _) => throw new IOException("the file cannot be read on"));
        }, cancellationToken);
    }

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(key));
        return DoAsync($"looking up {key}", () => Exists(file.FullName) ? new StoredObject(key, file.Length, new DateTimeOffset(file.LastWriteTimeUtc)) : null, cancellationToken);
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var above = ObjectKey.CheckPrefix(prefix).LastIndexOf('/') is var slash and >= 0 ? prefix[..slash] : "";
        var left = new Stack<Entry>();
        left.Push(new Entry(above.Length == 0 ? "" : $"{above}/", null));
        while (left.TryPop(out var entry))
        {
            if (entry.Object is { } found)
            {
                yield return found;
                continue;
            }
            var inside = await DoAsync($"listing {prefix}", () => Read(entry.Key, prefix), cancellationToken);
            foreach (var next in inside.OrderByDescending(e => e.Key, StringComparer.Ordinal))
            {
                left.Push(next);
            }
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return DoAsync($"deleting {key}", () =>
        {
            if (Exists(path))
            {
                File.Delete(path);
                DurableFiles.RemoveEmptyFolders(Path.GetDirectoryName(path)!, _root);
            }
            return true;
        }, cancellationToken);
    }

    /// <summary>What a folder holds, folders with a '/' behind their name: so '-' and '.' sort before what lies below, as in keys.</summary>
    private List<Entry> Read(string folder, string prefix)
    {
        RequireRoot();
        var directory = new DirectoryInfo(Path.Combine(_root, folder));
        if (!directory.Exists)
        {
            return [];
        }
        try
        {
            return [.. directory.EnumerateFileSystemInfos()
                .Where(i => i.Name[0] != '.')
                .Select(i => i is FileInfo file
                    ? new Entry(folder + i.Name, new StoredObject(folder + i.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc)))
                    : new Entry($"{folder}{i.Name}/", null))
                .Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal) || (e.Object is null && prefix.StartsWith(e.Key, StringComparison.Ordinal)))];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Something went while it was being listed: look again.
            return Read(folder, prefix);
        }
    }

    private bool Exists(string path)
    {
        if (File.Exists(path))
        {
            return true;
        }
        // A disk that is not mounted must not look like a store without this object.
        RequireRoot();
        return false;
    }

    private void RequireRoot()
    {
        if (!_prepared && !_create && !Directory.Exists(_root))
        {
            throw new DirectoryNotFoundException($"the folder {_root} is not there; make it, or set Create");
        }
    }

    private void Prepare()
    {
        if (_prepared)
        {
            return;
        }
        RequireRoot();
        var unfinished = new DirectoryInfo(Path.Combine(_root, Unfinished));
        DurableFiles.CreateFolders(unfinished.FullName);
        foreach (var file in unfinished.EnumerateFiles().Where(f => f.LastWriteTimeUtc < _clock.GetUtcNow().UtcDateTime.AddDays(-1)))
        {
            file.Delete();
        }
        _prepared = true;
    }

    private string PathOf(string key) => Path.Combine(_root, ObjectKey.Check(key).Replace('/', Path.DirectorySeparatorChar));

    // On a thread of the pool, since a mounted file system may hang and knows no cancelling.
    private Task<T> DoAsync<T>(string what, Func<T> action, CancellationToken cancellationToken) =>
        _calls.RunAsync(what, token => Task.Run(action, CancellationToken.None).WaitAsync(token), cancellationToken);

    private static Fault? Judge(Exception e) => e switch
    {
        UnauthorizedAccessException or DirectoryNotFoundException => new(e.Message, IsTransient: false),
        IOException => new(e.Message, IsTransient: true),
        _ => null,
    };

    private sealed record Entry(string Key, StoredObject? Object);
}
