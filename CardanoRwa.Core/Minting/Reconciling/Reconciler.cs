using CardanoRwa.Cardano.Providers;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Core.Restored;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Minting.Reconciling;

/// <summary>Registry against chain. It may run beside workers and any number of times.</summary>
public sealed class Reconciler(
    RwaDbContext db, ChainSurvey survey, ChainRepair repair, EvidenceRevival evidence, SigningWallet wallet, RestoreHold hold, ICardanoProvider provider, IOptions<MintingOptions> options)
{
    private const int MostRounds = 5;

    /// <param name="apply">Mend what can be mended.</param>
    /// <param name="skipWait">Take the operator's word that nothing sent before the loss is on its way still.</param>
    /// <param name="progress">Hears what is going on.</param>
    /// <param name="cancellationToken">Stops it; what was taken in stays.</param>
    public async Task<Result<ReconcileReport>> RunAsync(bool apply, bool skipWait, Action<string> progress, CancellationToken cancellationToken)
    {
        if (await db.Wallet.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is { } told && told.FeeAddress != wallet.FeeAddress.ToString())
        {
            return new Refusal(RefusalKind.Conflict, WalletSync.WalletChanged, $"The registry's wallet is {told.FeeAddress}, this one's is {wallet.FeeAddress}.", "Give the keys that the registry's transactions were signed with.");
        }
        var held = await hold.FindAsync(cancellationToken);
        if (held is { IsDrill: true })
        {
            return new Refusal(RefusalKind.Conflict, "restored_copy", $"This database is the copy of {held.RestoreId}.", "A drill's copy never mints; point the settings at the registry.");
        }
        // Before the survey: what is in no block by then and out of its time will never be in one.
        var slot = (long)(await provider.GetTipAsync(cancellationToken)).Slot;
        var quietFrom = held is null ? 0 : await hold.SeeAsync(held.RestoreId, slot, cancellationToken) + options.Value.TtlSlots;
        var applied = new List<ReconcileFinding>();
        for (var round = 1; ; round++)
        {
            var found = await survey.RunAsync(progress, cancellationToken);
            var changed = apply && round <= MostRounds && await ApplyAsync(found, applied, progress, cancellationToken);
            if (changed)
            {
                continue; // what was taken in may lead further, and must now explain the supplies
            }
            var left = await repair.PlaceLeftAsync(apply, cancellationToken);
            var documents = await evidence.RunAsync(apply, progress, cancellationToken);
            applied.AddRange(documents.Applied);
            var remaining = found.Findings.Concat(documents.Left).Concat(left.Select(l => new ReconcileFinding(
                ReconcileFinding.OperationUnplaced, l.Operation.OperationId.ToString(), $"Transaction {l.Transaction} carries it ({l.Operation.Quantity:+#;-#} of asset {l.Operation.AssetId}); the registry has no such asset, or no token for it.",
                "Register the asset under its id again (restore it from another backup), then run this again."))).ToList();
            if (slot < quietFrom && !skipWait)
            {
                remaining.Add(new ReconcileFinding(ReconcileFinding.InFlightPossible, held!.RestoreId, $"The registry was restored. What it had sent before the loss can still land until slot {quietFrom}; the chain is at {slot}.",
                    $"Run this again in {quietFrom - slot} s, or with --wait; --skip-wait, if you know that nothing was under way."));
            }
            var isQuiet = slot >= quietFrom || skipWait;
            var lifted = apply && isQuiet && found.Unknown.Count == 0 && !remaining.Any(f => f.Code == ReconcileFinding.IndexIncomplete) && await repair.LiftHaltAsync(cancellationToken);
            if (apply && isQuiet && held is not null && found.Unknown.Count == 0 && !remaining.Any(f => f.Code == ReconcileFinding.IndexIncomplete))
            {
                await repair.ClearHoldAsync(held.RestoreId, cancellationToken);
                (lifted, held) = (true, null);
            }
            var halted = held is not null ? RestoreHold.Code : (await db.Wallet.AsNoTracking().SingleOrDefaultAsync(cancellationToken))?.HaltCode;
            return new ReconcileReport(applied, remaining, lifted, halted);
        }
    }

    private async Task<bool> ApplyAsync(Survey found, List<ReconcileFinding> applied, Action<string> progress, CancellationToken cancellationToken)
    {
        var changed = false;
        foreach (var (transaction, _) in found.Unknown)
        {
            changed |= await repair.TakeInAsync(transaction, found.Strangers, cancellationToken);
            applied.Add(found.Findings.First(f => f.Code == ReconcileFinding.UnknownTransaction && f.Subject == transaction.Id.ToString()));
        }
        foreach (var id in found.Missing)
        {
            changed |= await repair.SendBackAsync(id, cancellationToken);
            applied.Add(found.Findings.First(f => f.Code == ReconcileFinding.MissingOnChain && f.Subject == id));
        }
        if (changed)
        {
            progress($"Took in {found.Unknown.Count} transactions, sent {found.Missing.Count} back.");
        }
        return changed;
    }
}
