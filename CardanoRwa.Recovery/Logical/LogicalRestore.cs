using System.Globalization;
using System.Text.Json;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;
using Npgsql;

namespace CardanoRwa.Recovery.Logical;

/// <summary>Loads a dump into an empty database by pg_restore, and counts what came out of it.</summary>
public sealed class LogicalRestore(IReadOnlyList<IObjectStore> stores, KeyRing keys, TimeProvider clock)
{
    // Anything that somebody made in it: relations, functions and types outside the system's schemas and not an extension's.
    private const string OccupiedQuery = """
        SELECT string_agg(what, ', ') FROM (
            SELECT c.oid::regclass::text AS what FROM pg_class c
            WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$)' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
            UNION ALL
            SELECT p.oid::regprocedure::text FROM pg_proc p
            WHERE p.pronamespace::regnamespace::text !~ '^(pg_|information_schema$)' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
            UNION ALL
            SELECT 'schema ' || n.nspname FROM pg_namespace n
            WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = n.oid AND d.deptype = 'e')
            LIMIT 5) found
        """;

    public async Task<Outcome<LogicalRestoreResult>> RunAsync(LogicalRestoreRequest request, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "planning";
        var listing = await new BackupCatalogue(stores, keys).ListAsync(request.SystemId, cancellationToken);
        if (Choose(request, listing).IsRefused(out var refusal, out var entry))
        {
            return refusal;
        }
        var target = new SourceServer(request.TargetConnectionString);
        if (await CheckAsync(target, entry.Manifest, cancellationToken) is { } unfit)
        {
            return unfit;
        }
        if ((await ClientPrograms.FindAsync(request.ProgramsFolder, entry.Manifest.Logical!.ClientMajor, cancellationToken)).IsRefused(out refusal, out var programs))
        {
            return refusal;
        }
        if ((await keys.OpenAsync(entry.Manifest.DataKeyId, cancellationToken)).IsRefused(out refusal, out var key))
        {
            return refusal;
        }
        using (key)
        {
            var link = await RestorePlanner.OpenLinkAsync(entry, key, cancellationToken);
            using var scratch = ScratchFolder.Create(request.ScratchFolder);
            if (Lacking(scratch.Path, link.Entry.Manifest) is { } full)
            {
                return full;
            }
            return await LoadAsync(request, link, programs, scratch, target, progress, cancellationToken);
        }
    }

    private static Outcome<CatalogueEntry> Choose(LogicalRestoreRequest request, CatalogueListing listing)
    {
        var dumps = listing.Logical;
        if (request.BackupId is { } id)
        {
            return dumps.FirstOrDefault(d => d.Manifest.Id == id) ?? (Outcome<CatalogueEntry>)(listing.Find(id) is null
                ? new RecoveryRefusal("restore.no-backup", $"No store has a backup {id}.", "'backup list' shows what there is.")
                : new RecoveryRefusal("restore.not-logical", $"{id} is a physical backup.", "Restore it into a directory, with --target."));
        }
        var clusters = dumps.Select(d => d.Manifest.SystemId).Distinct().ToList();
        return clusters.Count switch
        {
            0 => new RecoveryRefusal("restore.no-backup", "There is no logical backup in the stores.", "'backup now --logical' makes one; physical ones are restored into a directory, with --target."),
            1 => dumps[^1],
            _ => new RecoveryRefusal("restore.which-cluster", $"The stores hold logical backups of clusters {string.Join(", ", clusters)}.", "Say which with --system-id, or name a backup."),
        };
    }

    private static async Task<RecoveryRefusal?> CheckAsync(SourceServer target, BackupManifest backup, CancellationToken cancellationToken)
    {
        await using var session = await target.OpenAsync(cancellationToken);
        if (session.PostgreSqlVersion.Major < backup.Server.Major)
        {
            return new RecoveryRefusal("restore.version", $"The dump is of PostgreSQL {backup.Server.Version}, and the target is {session.PostgreSqlVersion}.",
                $"Restore into PostgreSQL {backup.Server.Major} or newer.");
        }
        await using var ask = new NpgsqlCommand(OccupiedQuery, session);
        return await ask.ExecuteScalarAsync(cancellationToken) is string found
            ? new RecoveryRefusal("restore.not-empty", $"Database {session.Database} is not empty: {found}.", "Make a new database; nothing is ever overwritten.")
            : null;
    }

    private static RecoveryRefusal? Lacking(string scratch, BackupManifest backup)
    {
        var free = new DriveInfo(scratch).AvailableFreeSpace;
        return free > backup.FileBytes ? null : new RecoveryRefusal("logical.scratch", $"The dump takes {backup.FileBytes >> 20} MiB while it is loaded, and {scratch} has {free >> 20} MiB.",
            "Point Recovery:ScratchFolder at a larger disk.");
    }

    private async Task<Outcome<LogicalRestoreResult>> LoadAsync(
        LogicalRestoreRequest request, ChainLink link, ClientPrograms programs, ScratchFolder scratch, SourceServer target, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var folder = scratch.Inside("dump");
        var fallbacks = await FetchAsync(link, folder, progress, cancellationToken);
        var counts = Path.Combine(folder, RowCounts.FileName);
        var expected = JsonSerializer.Deserialize<SortedDictionary<string, long>>(await File.ReadAllBytesAsync(counts, cancellationToken), RecoveryJson.Options)!;
        var (fetched, loadBegan) = (clock.GetElapsedTime(began), clock.GetTimestamp());

        progress.Phase = "loading";
        string[] arguments =
        [
            "--format=directory", string.Create(CultureInfo.InvariantCulture, $"--jobs={Math.Max(1, request.Jobs)}"), "--exit-on-error", "--no-password",
            .. request.KeepsOwners ? Array.Empty<string>() : ["--no-owner", "--no-privileges"],
            $"--dbname={new NpgsqlConnectionStringBuilder(request.TargetConnectionString).Database}", folder,
        ];
        var (code, complaints) = await ClientProcess.RunAsync(programs.Restore, arguments, request.TargetConnectionString, _ => { }, cancellationToken);
        if (code != 0)
        {
            return new RecoveryRefusal("logical.restore-failed", $"pg_restore ended with {code}: {complaints}", "The database is half filled: drop it before the next try.");
        }
        var loaded = clock.GetElapsedTime(loadBegan);

        progress.Phase = "counting";
        await using var session = await target.OpenAsync(cancellationToken);
        var found = await RowCounts.ReadAsync(session, null, cancellationToken);
        progress.Phase = "done";
        return new LogicalRestoreResult(link.Entry.Manifest, found.Count, found.Values.Sum(), RowCounts.Differences(expected, found), fallbacks, fetched, loaded);
    }

    private async Task<IReadOnlyList<string>> FetchAsync(ChainLink link, string folder, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "files";
        TargetDirectory.Create(folder);
        TargetDirectory.CreateTree(folder, link.Index, []);
        var wanted = ChainFiles.Resolve([link.Index]);
        progress.Expect(wanted.Sum(w => w.Bytes));
        var restorer = new ObjectRestorer([link], progress, clock);
        foreach (var item in wanted)
        {
            using var sink = new DirectorySink(folder);
            await restorer.RestoreAsync(item, sink, cancellationToken);
        }
        RestoreRun.CheckSums(link.Index, restorer.Sums);
        return restorer.Fallbacks;
    }
}
