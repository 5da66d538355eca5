using System.Security.Cryptography;
using System.Text;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Auth;

/// <summary>Opens, finds and ends sessions of the operator page.</summary>
public sealed class OpsSessions(RwaDbContext db, RegistryTransaction transaction, TimeProvider clock)
{
    /// <summary>A shift.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    /// <param name="token">At least 32 random bytes, as text.</param>
    /// <param name="actor">As whom, for the audit.</param>
    /// <param name="key">The key that was shown; null for the development key.</param>
    /// <param name="roles">What it may do.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<OpsSession> OpenAsync(string token, string actor, ApiKey? key, IReadOnlyList<string> roles, CancellationToken cancellationToken) => transaction.RunAsync(actor, async (stamp, cancellation) =>
    {
        // Past the audit: they ended by themselves.
        await db.Database.ExecuteSqlAsync($"DELETE FROM ops_sessions WHERE ends_at < {stamp.At}", cancellation);
        var hash = Hash(token);
        if (await db.OpsSessions.AsNoTracking().SingleOrDefaultAsync(s => s.TokenHash == hash, cancellation) is { } opened)
        {
            return opened; // by an attempt whose answer was lost
        }
        var end = stamp.At + Lifetime;
        var session = new OpsSession
        {
            Id = stamp.EntityId,
            TokenHash = hash,
            Actor = actor,
            Roles = [.. roles],
            KeyId = key?.Id,
            OpenedAt = stamp.At,
            EndsAt = key?.ExpiresAt < end ? key.ExpiresAt.Value : end,
        };
        db.OpsSessions.Add(session);
        return session;
    }, cancellationToken);

    /// <returns>Null when there is none, it is over, or its key was revoked since.</returns>
    public async Task<OpsSession?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var (hash, now) = (Hash(token), clock.GetUtcNow());
        return await db.OpsSessions.AsNoTracking()
            .Where(s => s.TokenHash == hash && s.EndsAt > now)
            .Where(s => s.KeyId == null || db.ApiKeys.Any(k => k.Id == s.KeyId && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now)))
            .SingleOrDefaultAsync(cancellationToken);
    }

    public Task<bool> EndAsync(string token, string actor, CancellationToken cancellationToken) => transaction.RunAsync(actor, async (_, cancellation) =>
    {
        var hash = Hash(token);
        var session = await db.OpsSessions.SingleOrDefaultAsync(s => s.TokenHash == hash, cancellation);
        if (session is not null)
        {
            db.OpsSessions.Remove(session);
        }
        return session is not null;
    }, cancellationToken);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
