using System.Runtime.ExceptionServices;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using CardanoRwa.Ipfs;
using CardanoRwa.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Evidence;

/// <summary>Brings files to IPFS, at least once each. A pin that is taken and not settled comes back by itself.</summary>
public sealed partial class PinDesk(RwaDbContext db, EvidenceVault vault, EvidenceManifest manifest, EvidenceMetrics metrics, IOptions<IpfsOptions> options, TimeProvider clock, ILogger<PinDesk> logger)
{
    /// <returns>False when nothing is due.</returns>
    public async Task<bool> StepAsync(IPinService service, CancellationToken cancellationToken)
    {
        if (await TakeAsync(cancellationToken) is not { } pin)
        {
            return false;
        }
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(options.Value.Timeout);
            var (answered, expected) = await PinAsync(pin, service, patience.Token);
            if (answered == expected)
            {
                await SettleAsync(pin, PinStatus.Pinned, null, answered == pin.Cid ? null : answered);
                metrics.Pin("pinned");
            }
            else
            {
                LogOtherCid(logger, service.Name, answered, expected);
                await FailAsync(pin, $"{service.Name} answered CID {answered}, the bytes have {expected}", isTransient: false);
            }
        }
        catch (Exception e) when (e is PinException or StoreException or EvidenceDamagedException && !cancellationToken.IsCancellationRequested)
        {
            await FailAsync(pin, e.Message, e is PinException { IsTransient: true } or StoreException { IsTransient: true });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await FailAsync(pin, $"it took longer than {options.Value.Timeout}", isTransient: true);
        }
        return true;
    }

    private async Task<(string Answered, string Expected)> PinAsync(EvidencePin pin, IPinService service, CancellationToken cancellationToken)
    {
        await using var content = pin.ContentId is { } id ? await OpenAsync(id, cancellationToken) : await RenderAsync(pin, cancellationToken);
        await using var named = new NamingStream(content, service.Tree);
        try
        {
            var answered = await service.PinAsync(named, pin.Cid, cancellationToken);
            return (answered, named.Cid());
        }
        catch (PinException) when (named.Fault is not null)
        {
            // The bytes could not be read; that the service did not get them is not its fault.
            ExceptionDispatchInfo.Throw(named.Fault);
            throw;
        }
    }

    private async Task<Stream> OpenAsync(Guid contentId, CancellationToken cancellationToken)
    {
        var content = await db.EvidenceContents.AsNoTracking().SingleAsync(c => c.Id == contentId, cancellationToken);
        return new ChunkStream(vault.ReadAsync(content, 0, content.Length, cancellationToken));
    }

    private async Task<Stream> RenderAsync(EvidencePin pin, CancellationToken cancellationToken) =>
        new MemoryStream((await manifest.RenderAsync(pin.AssetId!.Value, pin.ManifestCount, cancellationToken))!.Value.Json);

    private async Task<EvidencePin?> TakeAsync(CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        var now = ChangeStamp.Microseconds(clock.GetUtcNow());
        var back = now + options.Value.Timeout + TimeSpan.FromMinutes(1);
        var taken = await db.EvidencePins.FromSql($"""
            UPDATE evidence_pins SET attempts = attempts + 1, next_at = {back}
            WHERE id = (SELECT id FROM evidence_pins WHERE status <> 'pinned' AND next_at <= {now} ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING *
            """).AsNoTracking().ToListAsync(cancellationToken);
        return taken.SingleOrDefault();
    }

    private async Task FailAsync(EvidencePin pin, string reason, bool isTransient)
    {
        reason = reason.Length <= 300 ? reason : reason[..300];
        LogNotPinned(logger, pin.Cid, pin.Attempts, reason);
        metrics.Pin(isTransient ? "retry" : "failed");
        await SettleAsync(pin, isTransient ? PinStatus.Pending : PinStatus.Failed, reason, null);
    }

    /// <summary>A change of state is audited; one more failed try is not.</summary>
    private Task SettleAsync(EvidencePin taken, PinStatus status, string? reason, string? pinnedAs) => db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(token);
        var stamp = ChangeStamp.Create("system:pinning", clock);
        var next = stamp.At + Wait(taken.Attempts);
        // Who took it again meanwhile, because this try was slow, settles it.
        if (status != PinStatus.Pinned)
        {
            await db.Database.ExecuteSqlAsync($"UPDATE evidence_pins SET reason = {reason}, next_at = {next} WHERE id = {taken.Id} AND attempts = {taken.Attempts} AND status <> 'pinned'", token);
        }
        var pin = await db.EvidencePins.FromSql($"SELECT * FROM evidence_pins WHERE id = {taken.Id} FOR NO KEY UPDATE").SingleAsync(token);
        if (pin.Status != PinStatus.Pinned && pin.Status != status)
        {
            pin.Status = status;
            pin.Reason = reason;
            pin.PinnedAs = pinnedAs;
            pin.PinnedAt = status == PinStatus.Pinned ? stamp.At : null;
            await db.SaveAsync(stamp, token);
        }
        await transaction.CommitAsync(token);
    }, CancellationToken.None);

    private TimeSpan Wait(int attempts) => TimeSpan.FromTicks(Math.Min(
        options.Value.LongestRetry.Ticks, (long)(options.Value.FirstRetry.Ticks * Math.Pow(2, Math.Min(attempts - 1, 20)) * (0.8 + Random.Shared.NextDouble() * 0.4))));

    [LoggerMessage(2510, LogLevel.Error, "{Service} named a file {Answered}, but its bytes have the CID {Expected}: what it pinned is not what was sent, or its settings differ.")]
    private static partial void LogOtherCid(ILogger logger, string service, string answered, string expected);

    [LoggerMessage(2511, LogLevel.Warning, "{Cid} is not pinned yet (try {Attempt}): {Reason}")]
    private static partial void LogNotPinned(ILogger logger, string cid, int attempt, string reason);
}
