using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Writes;

/// <summary>One transaction of work that no client waits for: changes, audit rows and what readers must forget.</summary>
public sealed class RegistryTransaction(RwaDbContext db, RegistryChanges changes, TimeProvider clock)
{
    /// <param name="actor">Who it is, for the audit.</param>
    /// <param name="work">Begins from what the database says and locks what it changes: after a lost connection it runs again, whether or not the first commit landed.</param>
    /// <param name="cancellationToken">Stops the work, not a commit under way.</param>
    public async Task<T> RunAsync<T>(string actor, Func<ChangeStamp, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        T result = default!;
        var touched = Touched.Nothing;
        await db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            var stamp = ChangeStamp.Create(actor, clock);
            result = await work(stamp, token);
            touched = await db.SaveAsync(stamp, token);
            await transaction.CommitAsync(CancellationToken.None);
        }, cancellationToken);
        await changes.CommittedAsync(touched);
        return result;
    }
}
