using System.Security.Cryptography;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using CardanoRwa.Ipfs;
using CardanoRwa.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Core.Evidence;

/// <summary>Puts evidence into its object store under its hash, and hands out only bytes that still have theirs.</summary>
public sealed partial class EvidenceVault(EvidenceSetup.Chosen chosen, IServiceScopeFactory scopes, EvidenceMetrics metrics, TimeProvider clock, ILogger<EvidenceVault> logger)
{
    private const int Tries = 3;

    public bool IsConfigured => chosen.Store is not null;

    /// <summary>The same bytes have the same key, so storing them again is harmless and mends a damaged copy.</summary>
    public async Task StoreAsync(EvidenceSpool spool, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var upload = await chosen.Store!.CreateAsync(EvidenceContent.KeyOf(spool.Sha256), cancellationToken);
                await spool.CopyToAsync(upload.WriteAsync, cancellationToken);
                await upload.CompleteAsync(ifAbsent: false, cancellationToken);
                return;
            }
            catch (StoreException e) when (e.IsTransient && attempt < Tries)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt), clock, cancellationToken);
            }
        }
    }

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => chosen.Store!.DeleteAsync(key, cancellationToken);

    /// <summary>Bytes that no row vouches for: whoever reads them checks their hash. Null when there are none.</summary>
    public Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken) => chosen.Store!.OpenAsync(key, 0, null, cancellationToken);

    /// <summary>Small objects that have no row of their own, such as a manifest.</summary>
    public async Task StoreAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        await using var upload = await chosen.Store!.CreateAsync(key, cancellationToken);
        var buffer = new byte[128 * 1024];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await upload.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        await upload.CompleteAsync(ifAbsent: false, cancellationToken);
    }

    /// <summary>
    /// The bytes of a range, chunk by chunk, each checked before it is handed out. The memory is reused between chunks.
    /// Damage is written down and thrown as <see cref="EvidenceDamagedException"/>.
    /// </summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(EvidenceContent content, long offset, long length, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int Chunk = TreeOptions.DefaultChunk;
        var (first, end) = (offset / Chunk, offset + length);
        await using var stream = await chosen.Store!.OpenAsync(content.Key, first * Chunk, null, cancellationToken)
            ?? throw await DamageAsync(content, "missing", "the object is missing");
        var buffer = new byte[Chunk];
        for (var index = first; index * Chunk < end; index++)
        {
            var expected = (int)Math.Min(Chunk, content.Length - index * Chunk);
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(0, expected), expected, throwOnEndOfStream: false, cancellationToken);
            if (read != expected || !SHA256.HashData(buffer.AsSpan(0, read)).AsSpan().SequenceEqual(content.Leaves.AsSpan((int)index * 32, 32)))
            {
                throw await DamageAsync(content, "changed", $"chunk {index} (from byte {index * Chunk}) does not have its hash");
            }
            var from = (int)Math.Max(0, offset - index * Chunk);
            var to = (int)Math.Min(expected, end - index * Chunk);
            yield return buffer.AsMemory(from, to - from);
        }
    }

    /// <summary>Reads all of it; true when it is whole.</summary>
    public async Task<bool> CheckAsync(EvidenceContent content, long bytesPerSecond, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var chunk in ReadAsync(content, 0, content.Length, cancellationToken))
            {
                await Task.Delay(TimeSpan.FromSeconds((double)chunk.Length / bytesPerSecond), clock, cancellationToken);
            }
        }
        catch (EvidenceDamagedException)
        {
            return false;
        }
        metrics.Checked();
        if (content.DamagedAt is not null)
        {
            await MarkAsync(content.Id, null);
            LogMended(logger, content.Key);
        }
        return true;
    }

    private async Task<EvidenceDamagedException> DamageAsync(EvidenceContent content, string kind, string damage)
    {
        metrics.Damaged(kind);
        LogDamaged(logger, content.Key, damage);
        await MarkAsync(content.Id, damage);
        return new EvidenceDamagedException(content.Key, damage);
    }

    /// <summary>Written down with its audit row, whatever becomes of the request that met it.</summary>
    private async Task MarkAsync(Guid contentId, string? damage)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
        var touched = Touched.Nothing;
        await db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            var stamp = ChangeStamp.Create("system:evidence-check", clock);
            var row = await db.EvidenceContents.FromSql($"SELECT * FROM evidence_contents WHERE id = {contentId} FOR NO KEY UPDATE").SingleAsync(token);
            row.DamagedAt = damage is null ? null : row.DamagedAt ?? stamp.At;
            row.Damage = damage;
            touched = await db.SaveAsync(stamp, token);
            await transaction.CommitAsync(token);
        }, CancellationToken.None);
        await scope.ServiceProvider.GetRequiredService<RegistryChanges>().CommittedAsync(touched);
    }

    [LoggerMessage(2500, LogLevel.Error, "Stored evidence {Key} is damaged: {Damage}. Upload the document again to mend it.")]
    private static partial void LogDamaged(ILogger logger, string key, string damage);

    [LoggerMessage(2501, LogLevel.Information, "Stored evidence {Key} is whole again.")]
    private static partial void LogMended(ILogger logger, string key);
}

/// <summary>Stored bytes are missing or no longer have their hash; nothing of the bad chunk was handed out.</summary>
public sealed class EvidenceDamagedException(string key, string damage) : IOException($"{key}: {damage}");
