namespace CardanoRwa.Recovery.Format;

/// <summary>
/// One object into several stores at once. A store that fails is left out from there on, and the object goes on into the others;
/// only when none is left does the write fail.
/// </summary>
public sealed class FanoutUpload : ObjectUpload
{
    private readonly List<(IObjectStore Store, ObjectUpload Upload)> _live = [];
    private readonly Action<IObjectStore, StoreException> _onFailure;

    private FanoutUpload(Action<IObjectStore, StoreException> onFailure) => _onFailure = onFailure;

    /// <param name="stores">Where to; at least one.</param>
    /// <param name="key">The object's key, alike in all.</param>
    /// <param name="onFailure">Told of each store that is left out.</param>
    public static async Task<FanoutUpload> CreateAsync(
        IReadOnlyCollection<IObjectStore> stores, string key, Action<IObjectStore, StoreException> onFailure, CancellationToken cancellationToken)
    {
        var fanout = new FanoutUpload(onFailure);
        StoreException? last = null;
        foreach (var store in stores)
        {
            try
            {
                fanout._live.Add((store, await store.CreateAsync(key, cancellationToken)));
            }
            catch (StoreException e)
            {
                onFailure(store, last = e);
            }
            catch
            {
                await fanout.DisposeAsync();
                throw;
            }
        }
        return fanout._live.Count > 0 ? fanout : throw last ?? new StoreException("stores", "none is left to write to", isTransient: true);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_live.Count == 1)
        {
            await _live[0].Upload.WriteAsync(bytes, cancellationToken);
            return;
        }
        await EachAsync(async u =>
        {
            await u.WriteAsync(bytes, cancellationToken);
            return true;
        });
    }

    /// <summary>True when every store left has it under this key now; false when one of them had the key taken.</summary>
    public override async Task<bool> CompleteAsync(bool ifAbsent, CancellationToken cancellationToken) =>
        Array.TrueForAll(await EachAsync(u => u.CompleteAsync(ifAbsent, cancellationToken)), done => done);

    public override async ValueTask DisposeAsync()
    {
        foreach (var (_, upload) in _live)
        {
            await upload.DisposeAsync();
        }
        _live.Clear();
    }

    private async Task<bool[]> EachAsync(Func<ObjectUpload, Task<bool>> action)
    {
        StoreException? last = null;
        var outcomes = await Task.WhenAll(_live.ToList().Select(async live =>
        {
            try
            {
                return (Live: live, Value: await action(live.Upload), Failure: (StoreException?)null);
            }
            catch (StoreException e)
            {
                return (Live: live, Value: false, Failure: e);
            }
        }));
        foreach (var (live, _, failure) in outcomes.Where(o => o.Failure is not null))
        {
            last = failure;
            _live.Remove(live);
            _onFailure(live.Store, failure!);
            await live.Upload.DisposeAsync();
        }
        return _live.Count > 0 ? [.. outcomes.Where(o => o.Failure is null).Select(o => o.Value)] : throw last!;
    }
}
