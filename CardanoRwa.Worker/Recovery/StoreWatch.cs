using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;

namespace CardanoRwa.Worker.Recovery;

/// <summary>What was last seen of a store.</summary>
/// <param name="Bases">Null until it answered once.</param>
/// <param name="Windows">From when to when it restores, by itself.</param>
/// <param name="SeenAt">When it last answered.</param>
/// <param name="Fault">Why it did not the last time.</param>
internal sealed record StoreSight(StoreBases? Bases, IReadOnlyList<RestoreWindow> Windows, DateTimeOffset? SeenAt, string? Fault);

/// <summary>Looks at one store every few seconds, at its own pace: one that hangs holds up nobody but itself.</summary>
internal sealed partial class StoreWatch(IObjectStore store, BackupMetrics metrics, TimeProvider clock, ILogger<StoreWatch> logger)
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WindowTurn = TimeSpan.FromMinutes(5);
    private readonly BaseInventory _inventory = new(store);
    private long? _windowsAt;
    private int _backups;
    private volatile StoreSight _sight = new(null, [], null, null);

    public string Store => store.Name;
    public StoreSight Sight => _sight;

    public async Task RunAsync(Func<string?> systemId, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await LookAsync(systemId(), cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is StoreException or DamagedObjectException)
            {
                if (_sight.Fault is null)
                {
                    LogFailed(logger, e, store.Name);
                }
                _sight = _sight with { Fault = e.Message };
            }
            var good = _sight.Bases?.Backups.LastOrDefault(b => b.Manifest.State == BackupState.Good && _sight.Bases.Chain(b) is not null);
            metrics.Saw(store.Name, _sight.Fault is null, good?.Manifest.StoppedAt, _sight.Bases?.Backups.Max(b => b.VerifiedAt));
            // Sooner as long as the cluster is not known.
            await Task.Delay(_sight.Bases is null ? Turn / 15 : Turn, clock, cancellationToken);
        }
    }

    private async Task LookAsync(string? systemId, CancellationToken cancellationToken)
    {
        if (systemId is null)
        {
            await store.FindAsync(Layout.Repository, cancellationToken);
            _sight = _sight with { SeenAt = clock.GetUtcNow(), Fault = null };
            return;
        }
        var bases = await _inventory.ReadAsync(systemId, cancellationToken);
        var windows = _sight.Windows;
        if (_windowsAt is not { } at || clock.GetElapsedTime(at) > WindowTurn || bases.Backups.Count != _backups)
        {
            var ring = new CardanoRwa.Recovery.Keys.KeyRing([store], [], [], clock);
            windows = [.. (await new RestorePlanner(new BackupCatalogue([store]), ring, new WalSource([store], ring)).WindowsAsync(cancellationToken)).Where(w => w.SystemId == systemId)];
            (_windowsAt, _backups) = (clock.GetTimestamp(), bases.Backups.Count);
        }
        _sight = new StoreSight(bases, windows, clock.GetUtcNow(), null);
    }

    [LoggerMessage(4240, LogLevel.Warning, "Store {Store} cannot be looked at now.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string store);
}
