using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting;

/// <summary>Operations with what is known of the transactions that carry them.</summary>
public sealed class OperationReader(RwaDbContext db)
{
    public async Task<OperationView?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await db.Operations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, cancellationToken) is { } operation
            ? (await ViewAsync([operation], cancellationToken))[0]
            : null;

    public async Task<IReadOnlyList<OperationView>> ViewAsync(IReadOnlyList<Operation> operations, CancellationToken cancellationToken)
    {
        var ids = operations.Select(o => o.TransactionId).OfType<string>().Distinct().ToList();
        var transactions = ids.Count == 0
            ? []
            : await db.ChainTransactions.AsNoTracking().Where(t => ids.Contains(t.Id)).Select(t => new { t.Id, t.Confirmations, t.BlockHash, t.BlockHeight }).ToDictionaryAsync(t => t.Id, cancellationToken);
        return [.. operations.Select(o => o.TransactionId is not null && transactions.TryGetValue(o.TransactionId, out var t)
            ? OperationView.Of(o, t.Confirmations, t.BlockHash, t.BlockHeight)
            : OperationView.Of(o))];
    }
}
