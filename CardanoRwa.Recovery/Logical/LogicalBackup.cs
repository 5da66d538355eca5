using System.Buffers;
using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using Npgsql;

namespace CardanoRwa.Recovery.Logical;

/// <summary>
/// A dump of one database by pg_dump, for servers that give no physical replication. All of it, and the rows that are counted beside, is
/// what one snapshot saw. Sealed and listed as every other backup, its manifest last.
/// </summary>
public sealed class LogicalBackup(IReadOnlyList<IObjectStore> stores, KeyRing keys, TimeProvider clock)
{
    private const int ExtentLength = 8 << 20;

    public async Task<Outcome<BackupResult>> RunAsync(LogicalRequest request, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            return await BackUpAsync(request, progress, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return new RecoveryRefusal("logical.privileges", e.MessageText, "The role must be able to read every table of the database, as pg_read_all_data is.");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return new RecoveryRefusal("logical.moved", $"A table was dropped while the dump began: {e.MessageText}.", "Run it again.");
        }
    }

    private async Task<Outcome<BackupResult>> BackUpAsync(LogicalRequest request, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "connecting";
        await using var session = await new SourceServer(request.ConnectionString).OpenAsync(cancellationToken);
        var facts = await SourceServer.FactsAsync(session, cancellationToken);
        if ((await ClientPrograms.FindAsync(request.ProgramsFolder, facts.Server.Major, cancellationToken)).IsRefused(out var refusal, out var programs))
        {
            return refusal;
        }
        if (await RepositoriesAsync(cancellationToken) is { } refused)
        {
            return refused;
        }
        var id = $"{facts.Now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}";
        var failed = new List<(IObjectStore Store, StoreException Cause)>();
        using var key = await keys.CreateAsync((store, cause) => failed.Add((store, cause)), cancellationToken);
        var objects = new ObjectWriters(facts.SystemId, id, key, stores, progress);
        failed.ForEach(f => objects.Fail(f.Store, f.Cause));

        // Read before the snapshot is taken: everything acknowledged by then is in it.
        var (position, time) = await PositionAsync(session, cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var export = new NpgsqlCommand("SET TRANSACTION READ ONLY; SELECT pg_export_snapshot()", session, transaction);
        var snapshot = (string)(await export.ExecuteScalarAsync(cancellationToken))!;
        progress.Phase = "dumping";
        var files = new List<SourceFile>();
        await using (var writer = new ExtentWriter(objects))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var counting = RowCounts.ReadAsync(session, transaction, stop.Token);
            try
            {
                if (await DumpAsync(request, programs, snapshot, writer, files, progress, cancellationToken) is { } complaint)
                {
                    return complaint;
                }
                await counting;
            }
            finally
            {
                // The session is still counting where the dump failed.
                await stop.CancelAsync();
                await counting.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            var counts = await counting;
            await AppendAsync(RowCounts.FileName, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(counts, RecoveryJson.Options)), writer, files, progress, cancellationToken);
            await writer.CompleteAsync(cancellationToken);
        }

        progress.Phase = "manifest";
        var index = new FileIndex([], [.. files.Select(f => f.ToIndexed()!).OrderBy(f => f.Path, StringComparer.Ordinal)]);
        var stored = await objects.PutAsync(Layout.Files(facts.SystemId, id), index.ToBytes(), cancellationToken);
        await objects.CheckLengthsAsync(cancellationToken);
        var manifest = new BackupManifest
        {
            Id = id,
            SystemId = facts.SystemId,
            Kind = BackupKind.Logical,
            State = BackupState.Good,
            DataKeyId = key.Id,
            Timeline = facts.Timeline,
            // The database as it was at one moment; nothing is replayed.
            StartLsn = position,
            StopLsn = position,
            StartedAt = time,
            StoppedAt = time,
            Server = facts.Server,
            BackupLabel = "",
            FileCount = index.Files.Count,
            FileBytes = index.Files.Sum(f => f.Length),
            StoredBytes = objects.Done.Sum(o => o.StoredLength) + stored.Length,
            Annotations = request.Annotations,
            Logical = new LogicalFacts(session.Database, programs.Major),
            Files = stored,
            Objects = objects.Done,
        };
        await objects.PutAsync(Layout.Manifest(facts.SystemId, id), ManifestFile.ToBytes(manifest, key), cancellationToken);
        progress.Phase = "done";
        return new BackupResult(manifest, [.. objects.Live.Select(s => s.Name)], objects.Failures, 0);
    }

    private async Task<RecoveryRefusal?> RepositoriesAsync(CancellationToken cancellationToken)
    {
        foreach (var store in stores)
        {
            try
            {
                if ((await Repository.EnsureAsync(store, clock, cancellationToken)).IsRefused(out var refusal, out _))
                {
                    return refusal;
                }
            }
            catch (StoreException)
            {
                // It fails again at the first object, and is then left out and reported.
            }
        }
        return null;
    }

    private static async Task<(Lsn Position, DateTimeOffset Time)> PositionAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END, clock_timestamp()", session);
        await using var row = await ask.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetFieldValue<Lsn>(0), row.GetFieldValue<DateTimeOffset>(1));
    }

    /// <summary>Null once all files are in the stores.</summary>
    private async Task<RecoveryRefusal?> DumpAsync(
        LogicalRequest request, ClientPrograms programs, string snapshot, ExtentWriter writer, List<SourceFile> files, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        using var scratch = ScratchFolder.Create(request.ScratchFolder);
        var folder = scratch.Inside("dump");
        var dumped = new DumpFiles(folder, request.ScratchBytes, clock);
        string[] arguments =
        [
            "--format=directory", "--compress=0", string.Create(CultureInfo.InvariantCulture, $"--jobs={Math.Max(2, request.Jobs)}"), "--verbose", "--no-password",
            $"--snapshot={snapshot}", $"--file={folder}",
        ];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = dumped.WatchAsync(stop.Token);
        var running = RunAsync();
        var sending = SendAsync();
        if (await Task.WhenAny(watching, running, sending) is var first && (first == watching || sending.IsFaulted))
        {
            await stop.CancelAsync();
            await running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        if (watching.IsCompletedSuccessfully && await watching is { } length)
        {
            await sending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return new RecoveryRefusal("logical.scratch", $"The dump needed more than the {request.ScratchBytes >> 20} MiB of scratch that it may have ({length >> 20} MiB).",
                "Raise Recovery:Logical:ScratchMebibytes: about the largest tables must fit, one for each job; or point Recovery:ScratchFolder at a larger disk.");
        }
        var (code, complaints) = await running;
        await sending;
        await stop.CancelAsync();
        await watching;
        return code == 0 ? null : new RecoveryRefusal("logical.dump-failed", $"pg_dump ended with {code}: {complaints}", "The role must be able to read every table of the database.");

        async Task<(int Code, string Complaints)> RunAsync()
        {
            var ended = false;
            try
            {
                var result = await ClientProcess.RunAsync(programs.Dump, arguments, request.ConnectionString, dumped.Heard, stop.Token);
                ended = result.Code == 0;
                return result;
            }
            finally
            {
                dumped.Ended(ended);
            }
        }

        async Task SendAsync()
        {
            await foreach (var name in dumped.WholeAsync(stop.Token))
            {
                var path = Path.Combine(folder, name);
                await using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0))
                {
                    await AppendAsync(name, file, writer, files, progress, stop.Token);
                }
                File.Delete(path);
            }
        }
    }

    private static async Task AppendAsync(string name, Stream bytes, ExtentWriter writer, List<SourceFile> files, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var file = new SourceFile(name, bytes.Length, null);
        progress.Expect(bytes.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            long at = 0;
            int count;
            while ((count = await bytes.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await writer.AppendAsync(file, at, buffer.AsMemory(0, count), cancellationToken);
                at += count;
                progress.Did(count);
                if (at % ExtentLength < count)
                {
                    // So that a large file goes over several objects.
                    writer.EndExtent();
                }
            }
            writer.EndExtent();
            file.SawUpTo(at);
            files.Add(file);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
