using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CardanoRwa.Core.Writes;

/// <summary>Runs a change of the registry exactly once: change, audit rows and the answer kept under its key commit together.</summary>
public sealed class RegistryWriter(RwaDbContext db, RegistryChanges changes, TimeProvider clock)
{
    /// <param name="request">Who asks, under which key.</param>
    /// <param name="change">Loads and mutates tracked entities; may run again after a lost connection, so it must take its ids and time from the stamp.</param>
    /// <param name="present">Turns the outcome into the answer, before the commit.</param>
    /// <param name="cancellationToken">Stops waiting; a commit under way is not undone by it.</param>
    public Task<Result<WriteResponse>> ExecuteAsync<T>(
        WriteRequest request,
        Func<ChangeStamp, CancellationToken, Task<Result<T>>> change,
        Func<T, WriteResponse> present,
        CancellationToken cancellationToken) => ExecuteAsync(request, ChangeStamp.Create(request.Actor, clock), change, present, null, cancellationToken);

    /// <summary>As the other, for a change that was attempted before, in another way and with this stamp.</summary>
    /// <param name="request">Who asks, under which key.</param>
    /// <param name="stamp">Of the earlier attempt.</param>
    /// <param name="change">As above.</param>
    /// <param name="present">As above.</param>
    /// <param name="inDoubt">What that attempt's answer is if it was committed; null when it was not sent.</param>
    /// <param name="cancellationToken">As above.</param>
    internal async Task<Result<WriteResponse>> ExecuteAsync<T>(
        WriteRequest request,
        ChangeStamp stamp,
        Func<ChangeStamp, CancellationToken, Task<Result<T>>> change,
        Func<T, WriteResponse> present,
        WriteResponse? inDoubt,
        CancellationToken cancellationToken)
    {
        // That it was a new asset is all that the earlier attempt can have been.
        var last = inDoubt is null ? null : new Attempt<WriteResponse>(inDoubt, new Touched([], Lists: true));
        var attempt = await db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            // The connection was lost with the commit in the air: the audit row tells whether it landed.
            if (last is not null && await WasCommittedAsync(stamp, token))
            {
                return last;
            }
            try
            {
                return await AttemptAsync(request, stamp, change, present, made => last = made, token);
            }
            catch (DbUpdateException e) when (last is not null && IsOwnDuplicate(e) && !IsTakenKey(e))
            {
                // The earlier attempt was still committing when this one began; now it is decided.
                return await WasCommittedAsync(stamp, token) ? last : throw new InvalidOperationException("A repeated attempt met its own ids, but the first one was not committed.", e);
            }
            catch (DbUpdateException e) when (IsTakenKey(e))
            {
                // Written under this key meanwhile past the lock, by the earlier attempt or by a twin that was registered together with others: it is there now.
                return last is not null && await WasCommittedAsync(stamp, token) ? last : await AttemptAsync(request, stamp, change, present, made => last = made, token);
            }
        }, cancellationToken);

        await changes.CommittedAsync(attempt.Touched);
        return attempt.Outcome;
    }

    private async Task<Attempt<WriteResponse>> AttemptAsync<T>(
        WriteRequest request,
        ChangeStamp stamp,
        Func<ChangeStamp, CancellationToken, Task<Result<T>>> change,
        Func<T, WriteResponse> present,
        Action<Attempt<WriteResponse>> committing,
        CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (request.Key is not null && await FindAnswerAsync(request, cancellationToken) is { } answered)
        {
            return new Attempt<WriteResponse>(answered, Touched.Nothing);
        }

        var result = await change(stamp, cancellationToken);
        if (result.IsRefused(out var refusal, out var value))
        {
            return new Attempt<WriteResponse>(refusal, Touched.Nothing);
        }

        var response = present(value);
        if (request.Key is not null)
        {
            db.IdempotencyKeys.Add(new IdempotencyRecord
            {
                Actor = request.Actor,
                Key = request.Key,
                RequestHash = request.RequestHash,
                StatusCode = response.StatusCode,
                Location = response.Location,
                ETag = response.ETag,
                Body = response.Body,
                CreatedAt = stamp.At,
            });
        }
        try
        {
            var touched = await db.SaveAsync(stamp, cancellationToken);
            var attempt = new Attempt<WriteResponse>(response, touched);
            committing(attempt);
            // From here on the client's patience must not decide: a cancelled commit would be a commit in doubt.
            await transaction.CommitAsync(CancellationToken.None);
            return attempt;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { ConstraintName: "ix_assets_external_id" })
        {
            return new Attempt<WriteResponse>(new Refusal(RefusalKind.Conflict, "external_id_taken", "Another asset already has this externalId.", "Find it with GET /api/v1/assets?externalId=... or use another externalId."), Touched.Nothing);
        }
    }

    /// <summary>The answer kept under a request's key, if there is one.</summary>
    public Task<IdempotencyRecord?> FindAsync(WriteRequest request, CancellationToken cancellationToken) =>
        db.IdempotencyKeys.AsNoTracking().SingleOrDefaultAsync(r => r.Actor == request.Actor && r.Key == request.Key, cancellationToken);

    /// <summary>The kept answer, for the request it was given to; a refusal for any other.</summary>
    public static Result<WriteResponse> Replay(IdempotencyRecord record, byte[] requestHash) => record.RequestHash.AsSpan().SequenceEqual(requestHash)
        ? new WriteResponse(record.StatusCode, record.Body, record.Location, record.ETag) { Replayed = true }
        : new Refusal(RefusalKind.Unprocessable, "idempotency_key_reused", "This Idempotency-Key was already used for a different request.", "Send a new key with every new request; repeat a key only with the same method, path and body.");

    /// <summary>Keeps the answer to work that is repeatable by itself, such as an import; the first answer under a key stands.</summary>
    public async Task<Result<WriteResponse>> RememberAsync(WriteRequest request, WriteResponse response, CancellationToken cancellationToken) => request.Key is null
        ? response
        : await ExecuteAsync(request, (_, _) => Task.FromResult<Result<WriteResponse>>(response), r => r, cancellationToken);

    /// <summary>Twins under one key wait here for each other; the second finds the first one's answer.</summary>
    private async Task<Result<WriteResponse>?> FindAnswerAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({request.Actor + "\n" + request.Key}, 0))", cancellationToken);
        return await FindAsync(request, cancellationToken) is { } record ? Replay(record, request.RequestHash) : (Result<WriteResponse>?)null;
    }

    private Task<bool> WasCommittedAsync(ChangeStamp stamp, CancellationToken cancellationToken) =>
        db.Audit.AsNoTracking().AnyAsync(a => a.Id == stamp.AuditId, cancellationToken);

    private static bool IsOwnDuplicate(DbUpdateException e) =>
        e is DbUpdateConcurrencyException || e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    private static bool IsTakenKey(DbUpdateException e) => e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "pk_idempotency_keys" };

    private sealed record Attempt<TResponse>(Result<TResponse> Outcome, Touched Touched);
}
