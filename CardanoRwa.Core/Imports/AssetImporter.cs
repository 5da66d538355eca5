using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CardanoRwa.Core.Imports;

/// <summary>Streams a file into the registry, a batch a transaction. A batch's rows and the run's counts commit together.</summary>
public sealed class AssetImporter(RwaDbContext db, RegistryChanges changes, TimeProvider clock)
{
    public const int BatchSize = 500;

    public async Task<ImportRun> StartAsync(string actor, CancellationToken cancellationToken)
    {
        var stamp = ChangeStamp.Create(actor, clock);
        var run = new ImportRun { Id = stamp.EntityId, Actor = actor, StartedAt = stamp.At, UpdatedAt = stamp.At };
        await SaveRunAsync(run, stamp, isNew: true, cancellationToken);
        return run;
    }

    /// <param name="run">From <see cref="StartAsync"/>; holds the totals afterwards.</param>
    /// <param name="rows">The file.</param>
    /// <param name="mapping">Columns to fields.</param>
    /// <param name="report">Hears what became of each batch's rows, after they are committed.</param>
    /// <param name="cancellationToken">Ends the import between batches; what was committed stays.</param>
    public async Task RunAsync(ImportRun run, IAsyncEnumerable<SourceRow> rows, ImportMapping mapping, Func<IReadOnlyList<ImportRow>, CancellationToken, Task> report, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var chunk in rows.Chunk(BatchSize, cancellationToken))
            {
                var outcome = await CommitAsync(run, chunk, mapping, cancellationToken);
                await report(outcome, cancellationToken);
                if (run.Status == ImportStatus.Cancelled)
                {
                    return;
                }
            }
            await FinishAsync(run, ImportStatus.Completed, null);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            await FinishAsync(run, ImportStatus.Cancelled, "The client went away.");
            throw;
        }
        catch (Exception e) when (e is Sylvan.Data.Csv.CsvFormatException or Sylvan.Data.Csv.CsvRecordTooLargeException or InvalidDataException or System.Text.DecoderFallbackException)
        {
            await FinishAsync(run, ImportStatus.Failed, $"The file cannot be read after row {run.Rows}: {e.Message}");
        }
    }

    private async Task<IReadOnlyList<ImportRow>> CommitAsync(ImportRun run, IReadOnlyList<SourceRow> chunk, ImportMapping mapping, CancellationToken cancellationToken)
    {
        var end = chunk[^1].Number;
        var stamp = ChangeStamp.Create(run.Actor, clock);
        var records = new List<ImportRecord>(chunk.Count);
        var failures = new List<ImportRow>();
        foreach (var row in chunk)
        {
            if (ImportRecord.From(row, mapping, stamp.Today).IsRefused(out var refusal, out var record))
            {
                failures.Add(new ImportRow(row.Number, "failed", row.Fault is null ? mapping.Text("externalId", row) : null, null, refusal.Code, refusal.Detail));
            }
            else
            {
                records.Add(record);
            }
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await CommitAsync(run, records, failures, end, stamp, cancellationToken);
            }
            catch (PostgresException e) when (attempt < 5 && e.ConstraintName == "ix_assets_external_id")
            {
                // Someone registered one of these assets since the batch looked; it is there to be found now.
            }
        }
    }

    private async Task<IReadOnlyList<ImportRow>> CommitAsync(ImportRun run, List<ImportRecord> records, List<ImportRow> failures, int end, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        IReadOnlyList<ImportRow> outcome = [];
        var touched = Touched.Nothing;
        await db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            var stored = await db.ImportRuns.FromSql($"SELECT * FROM import_runs WHERE id = {run.Id} FOR UPDATE").SingleAsync(token);
            // Cancelled by someone, or an earlier attempt was committed although its connection was lost.
            if (stored.Status == ImportStatus.Cancelled || stored.Rows >= end)
            {
                Copy(stored, run);
                return;
            }
            var batch = new ImportBatch(db, stamp);
            outcome = [.. (await batch.ApplyAsync(records, token)).Concat(failures).OrderBy(r => r.Row)];
            Count(stored, outcome, end, stamp.At);
            touched = await db.SaveAsync(stamp, token) with { Lists = true };
            await transaction.CommitAsync(CancellationToken.None);
            Copy(stored, run);
        }, cancellationToken);
        await changes.CommittedAsync(touched);
        return outcome;
    }

    private void Count(ImportRun run, IReadOnlyList<ImportRow> outcome, int end, DateTimeOffset at)
    {
        run.Rows = end;
        run.UpdatedAt = at;
        foreach (var row in outcome)
        {
            switch (row.Outcome)
            {
                case "created":
                    run.Created++;
                    break;
                case "valued":
                    run.Valued++;
                    break;
                case "updated":
                    run.Updated++;
                    break;
                case "unchanged":
                    run.Unchanged++;
                    break;
                default:
                    run.Failed++;
                    db.ImportFailures.Add(new ImportFailure { ImportId = run.Id, Row = row.Row, ExternalId = row.ExternalId, Code = row.Code!, Detail = row.Detail! });
                    break;
            }
        }
    }

    private async Task FinishAsync(ImportRun run, ImportStatus status, string? fault)
    {
        var stamp = ChangeStamp.Create(run.Actor, clock);
        run.Status = status;
        run.Fault = fault;
        run.UpdatedAt = stamp.At;
        run.FinishedAt = stamp.At;
        // The caller's patience is over when an import is cancelled; its end is written down all the same.
        await SaveRunAsync(run, stamp, isNew: false, CancellationToken.None);
    }

    private Task SaveRunAsync(ImportRun run, ChangeStamp stamp, bool isNew, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.ChangeTracker.Clear();
            db.Entry(run).State = isNew ? EntityState.Added : EntityState.Modified;
            try
            {
                await db.SaveAsync(stamp, token);
            }
            catch (DbUpdateException e) when (isNew && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                // Committed by an earlier attempt whose answer was lost.
            }
            db.ChangeTracker.Clear();
        }, cancellationToken);

    private static void Copy(ImportRun from, ImportRun to)
    {
        to.Status = from.Status;
        to.Rows = from.Rows;
        to.Created = from.Created;
        to.Updated = from.Updated;
        to.Valued = from.Valued;
        to.Unchanged = from.Unchanged;
        to.Failed = from.Failed;
        to.UpdatedAt = from.UpdatedAt;
        to.FinishedAt = from.FinishedAt;
    }
}
