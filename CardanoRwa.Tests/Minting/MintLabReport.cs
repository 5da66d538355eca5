using CardanoRwa.Core.Minting;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Tests.Minting;

internal sealed partial class MintLab
{
    /// <summary>What a campaign came to, as a row of its table.</summary>
    public async Task<string> TellAsync(string what, TimeSpan taken)
    {
        var states = await ReadAsync(db => db.Operations.GroupBy(o => new { o.State, o.FailureCode }).Select(g => new { g.Key.State, g.Key.FailureCode, Count = g.Count() }).ToListAsync());
        var transactions = await ReadAsync(db => db.ChainTransactions.GroupBy(t => t.Stage).Select(g => new { Stage = g.Key, Count = g.Count(), Sent = g.Sum(t => t.Submissions) }).ToListAsync());
        var repeated = await ReadAsync(db => db.Operations.CountAsync(o => o.Attempts > 0));
        var failed = string.Join(", ", states.Where(s => s.State == OperationState.Failed).Select(s => $"{s.Count} {s.FailureCode}"));
        return $"{what} | {states.Sum(s => s.Count)} | {states.Where(s => s.State == OperationState.Confirmed).Sum(s => s.Count)} | {(failed.Length == 0 ? "0" : failed)} | "
            + $"{transactions.Sum(t => t.Count)}, sent {transactions.Sum(t => t.Sent)} times, {transactions.Where(t => t.Stage == TransactionStage.Abandoned).Sum(t => t.Count)} given up | {repeated} | {taken.TotalSeconds:F0} |";
    }
}
