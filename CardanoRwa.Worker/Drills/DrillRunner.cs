using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Drills;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Storage;
using CardanoRwa.Worker.Recovery;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Worker.Drills;

/// <summary>A drill with this process's stores and keys, whoever asked for it.</summary>
internal sealed class DrillRunner(
    StoreSet stores, IOptions<RecoveryOptions> recovery, IOptions<DrillOptions> options, DrillMetrics metrics, TimeProvider clock, ILogger<DrillEngine> logger, RestoreMetrics? restores = null)
{
    public async Task<Outcome<DrillReport>> RunAsync(DrillRequest request, string? recoveryKey, CancellationToken cancellationToken)
    {
        if ((await KeySettings.ReadAsync(recovery.Value, recoveryKey, needsRecipients: true, cancellationToken)).IsRefused(out var refusal, out var keys))
        {
            return refusal;
        }
        var engine = new DrillEngine(stores.ForBackups, some => new KeyRing(some, keys.Recipients, keys.Identities, clock), options.Value, metrics, clock, logger, restores);
        return await engine.RunAsync(request with { PostgresFolder = request.PostgresFolder ?? recovery.Value.PostgresFolder }, cancellationToken);
    }
}
