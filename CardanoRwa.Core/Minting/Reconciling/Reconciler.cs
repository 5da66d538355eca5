using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting.Processing;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting.Reconciling;

/// <summary>Registry against chain. It may run beside workers and any number of times.</summary>
public sealed class Reconciler(RwaDbContext db, ChainSurvey survey, ChainRepair repair, SigningWallet wallet)
{
    private const int MostRounds = 5;

    public async Task<Result<ReconcileReport>> RunAsync(bool apply, Action<string> progress, CancellationToken cancellationToken)
    {
        if (await db.Wallet.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is { } told && told.FeeAddress != wallet.FeeAddress.ToString())
        {
            return new Refusal(RefusalKind.Conflict, WalletSync.WalletChanged, $"The registry's wallet is {told.FeeAddress}, this one's is {wallet.FeeAddress}.", "Give the keys that the registry's transactions were signed with.");
        }
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
            var remaining = found.Findings.Concat(left.Select(l => new ReconcileFinding(
                ReconcileFinding.OperationUnplaced, l.Operation.OperationId.ToString(), $"Transaction {l.Transaction} carries it ({l.Operation.Quantity:+#;-#} of asset {l.Operation.AssetId}); the registry has no such asset, or no token for it.",
                "Register the asset under its id again (restore it from another backup), then run this again."))).ToList();
            var lifted = apply && found.Unknown.Count == 0 && !remaining.Any(f => f.Code == ReconcileFinding.IndexIncomplete) && await repair.LiftHaltAsync(cancellationToken);
            var halted = (await db.Wallet.AsNoTracking().SingleOrDefaultAsync(cancellationToken))?.HaltCode;
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
