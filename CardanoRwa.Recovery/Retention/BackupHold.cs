using System.Text.Json;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Retention;

/// <summary>What lies under <c>leases/holds/</c>: who reads which backups. It counts while its object is renewed.</summary>
public sealed record HoldNote(string Purpose, string Holder, IReadOnlyList<string> Backups, TimeSpan Lasts);

/// <summary>
/// Keeps backups from being removed while they are read. Renewed every now and then, by the store's own clock; a process that was stopped for too long
/// finds its hold gone, and <see cref="Lost"/> tells the work to end.
/// </summary>
public sealed class BackupHold : IAsyncDisposable
{
    public static readonly TimeSpan DefaultLasts = TimeSpan.FromMinutes(15);
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<IObjectStore> _stores = [];
    private readonly Dictionary<string, DateTimeOffset> _takenAt = new(StringComparer.Ordinal);
    private readonly string _name;
    private readonly HoldNote _note;
    private readonly TimeProvider _clock;
    private Task _renewing = Task.CompletedTask;

    private BackupHold(string name, HoldNote note, TimeProvider clock) => (_name, _note, _clock) = (name, note, clock);

    /// <summary>Cancelled when the hold is gone from every store that had it.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Stores that did not take the note, such as for credentials that may only read: there nothing is held.</summary>
    public List<string> Unheld { get; } = [];

    /// <summary>Notes the hold down, then looks whether the backups are still there: whoever removes does the same the other way round.</summary>
    public static async Task<Outcome<BackupHold>> TakeAsync(
        IReadOnlyList<IObjectStore> stores, string systemId, IReadOnlyList<string> backupIds, string purpose, TimeProvider clock, CancellationToken cancellationToken, TimeSpan? lasts = null)
    {
        var note = new HoldNote(purpose, $"{Environment.MachineName}/{Environment.ProcessId}", backupIds, lasts ?? DefaultLasts);
        var hold = new BackupHold($"{RetentionLayout.Holds(systemId)}{Guid.NewGuid():N}.json", note, clock);
        foreach (var store in stores)
        {
            try
            {
                await hold.WriteAsync(store, cancellationToken);
                hold._stores.Add(store);
                hold._takenAt[store.Name] = (await store.FindAsync(hold._name, cancellationToken))?.ModifiedAt ?? clock.GetUtcNow();
            }
            catch (StoreException)
            {
                hold.Unheld.Add(store.Name);
            }
        }
        foreach (var id in backupIds)
        {
            if (!await hold.IsThereAsync(stores, systemId, id, cancellationToken))
            {
                await hold.DisposeAsync();
                return new RecoveryRefusal("backup.going", $"Backup {id} is being removed.", "Choose another; 'backup list' shows what there is.");
            }
        }
        hold._renewing = hold.RenewAsync();
        return hold;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        foreach (var store in _stores)
        {
            try
            {
                await store.DeleteAsync(_name, CancellationToken.None);
            }
            catch (StoreException)
            {
                // It ends by itself.
            }
        }
        _stores.Clear();
        _stop.Dispose();
        _lost.Dispose();
    }

    private async Task<bool> IsThereAsync(IReadOnlyList<IObjectStore> stores, string systemId, string backupId, CancellationToken cancellationToken)
    {
        foreach (var store in stores)
        {
            try
            {
                var now = _takenAt.TryGetValue(store.Name, out var taken) ? taken : _clock.GetUtcNow();
                if (await store.FindAsync(Layout.Manifest(systemId, backupId), cancellationToken) is not null && !await Condemnation.IsFreshAsync(store, systemId, backupId, now, cancellationToken))
                {
                    return true;
                }
            }
            catch (StoreException)
            {
                // Another store may have it; what cannot be asked cannot be read either.
            }
        }
        return false;
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_note.Lasts / 10, _clock, _stop.Token);
                var gone = 0;
                foreach (var store in _stores)
                {
                    gone += await RenewAsync(store) ? 0 : 1;
                }
                if (_stores.Count > 0 && gone == _stores.Count)
                {
                    await _lost.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    /// <returns>False when somebody took the note for expired and removed it. A store that does not answer has removed nothing.</returns>
    private async Task<bool> RenewAsync(IObjectStore store)
    {
        try
        {
            if (await store.FindAsync(_name, _stop.Token) is null)
            {
                return false;
            }
            await WriteAsync(store, _stop.Token);
        }
        catch (StoreException)
        {
            // Tried again at the next turn; there are several before it expires.
        }
        return true;
    }

    private Task<bool> WriteAsync(IObjectStore store, CancellationToken cancellationToken) =>
        store.PutAsync(_name, JsonSerializer.SerializeToUtf8Bytes(_note, RecoveryJson.Options), ifAbsent: false, cancellationToken);
}
