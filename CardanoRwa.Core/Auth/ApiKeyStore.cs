using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Auth;

/// <summary>Makes, finds and revokes API keys.</summary>
public sealed class ApiKeyStore(RwaDbContext db, TimeProvider clock)
{
    private const string Prefix = "rwa_";

    /// <returns>The key, which is not kept and cannot be shown again.</returns>
    public async Task<Result<string>> CreateAsync(string actor, string name, IReadOnlyList<string> roles, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        errors.Line("name", name, max: 100, min: 1);
        foreach (var unknown in roles.Except(Roles.All))
        {
            errors.Add("roles", $"'{unknown}' is not one of {string.Join(", ", Roles.All)}");
        }
        if (roles.Count == 0)
        {
            errors.Add("roles", "at least one is required");
        }
        if (errors.ToRefusal() is { } refusal)
        {
            return refusal;
        }
        if (await db.ApiKeys.AnyAsync(k => k.Name == name, cancellationToken))
        {
            return new Refusal(RefusalKind.Conflict, "api_key_exists", $"There is a key named '{name}' already.", "Choose another name; a revoked key keeps its name for the audit trail.");
        }
        var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var stamp = ChangeStamp.Create(actor, clock);
        db.ApiKeys.Add(new ApiKey { Id = stamp.EntityId, Name = name, KeyHash = Hash(key), Roles = [.. roles], CreatedAt = stamp.At, ExpiresAt = stamp.At + lifetime });
        await db.SaveAsync(stamp, cancellationToken);
        return key;
    }

    public async Task<Result<ApiKey>> RevokeAsync(string actor, string name, CancellationToken cancellationToken)
    {
        if (await db.ApiKeys.SingleOrDefaultAsync(k => k.Name == name, cancellationToken) is not { } key)
        {
            return new Refusal(RefusalKind.NotFound, "api_key_not_found", $"There is no key named '{name}'.", "List the keys with 'apikey list'.");
        }
        var stamp = ChangeStamp.Create(actor, clock);
        key.RevokedAt ??= stamp.At;
        await db.SaveAsync(stamp, cancellationToken);
        return key;
    }

    public Task<List<ApiKey>> ListAsync(CancellationToken cancellationToken) => db.ApiKeys.AsNoTracking().OrderBy(k => k.Name).ToListAsync(cancellationToken);

    public Task<bool> AnyUsableAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return db.ApiKeys.AnyAsync(k => k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now), cancellationToken);
    }

    /// <returns>Null for a key that is unknown, revoked or expired.</returns>
    public async Task<ApiKey?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal) || key.Length > 100)
        {
            return null;
        }
        var hash = Hash(key);
        var now = clock.GetUtcNow();
        return await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(k => k.KeyHash == hash && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now), cancellationToken);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
