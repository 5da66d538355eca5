using System.Globalization;
using CardanoRwa.Embedded.Processes;
using Npgsql;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>
/// Makes a standby of a running primary whose files lie on the same machine: by pg_rewind where there are data to set back and that program,
/// else by PostgreSQL's low-level backup. The Postgres of npm brings neither pg_basebackup nor pg_rewind.
/// </summary>
internal sealed class StandbyCopy(NpgsqlConnection primary, PairMember own, PairMember source, string role, string password, PostgresBinaries binaries, UnixUser? user)
{
    // Made anew by the server that starts, or the source's alone.
    private static readonly string[] EmptyFolders = ["pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans", "pg_wal"];
    private static readonly string[] LeftOut = ["postmaster.pid", "postmaster.opts", "pg_internal.init", PairMember.StandbySignal, PairMember.Fence, PairMember.Synchronous, "backup_label", "tablespace_map"];

    /// <returns>What was done, in words.</returns>
    public async Task<string> RunAsync(bool mayRewind, string superPassword, CancellationToken cancellationToken)
    {
        await PrepareSourceAsync(cancellationToken);
        if (mayRewind && own.Data.Major == binaries.Major && File.Exists(binaries.Program("pg_rewind")))
        {
            var fault = await RewindAsync(superPassword, cancellationToken);
            if (fault is null)
                return $"{own.Name} was set back to where {source.Name} left it (pg_rewind), and follows it.";
            await CopyAsync(cancellationToken);
            return $"pg_rewind could not set {own.Name} back ({fault}); it is a fresh copy of {source.Name}, and follows it.";
        }

        await CopyAsync(cancellationToken);
        return $"{own.Name} is a fresh copy of {source.Name}, and follows it.";
    }

    private async Task PrepareSourceAsync(CancellationToken cancellationToken)
    {
        // The slot is made before the copy begins: it keeps all WAL that the copy needs. One of an earlier copy keeps too much.
        await using var command = new NpgsqlCommand($"""
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} LOGIN REPLICATION; END IF;
            END $$;
            ALTER ROLE {role} LOGIN REPLICATION PASSWORD '{password}';
            SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{role}' AND NOT active;
            SELECT pg_create_physical_replication_slot('{role}', true) WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '{role}');
            """, primary);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<string?> RewindAsync(string superPassword, CancellationToken cancellationToken)
    {
        // Before 16 it knows the source's timeline from the last checkpoint only; taken for the old one, it would find nothing to set back.
        await ExecuteAsync("CHECKPOINT", cancellationToken);
        // It replays what the killed server left in single-user mode, which knows no standbys.
        File.Delete(own.File(PairMember.StandbySignal));
        File.Delete(own.File(PairMember.Synchronous));
        // That mode also forgets what the server was told on its command line, and without this pg_rewind refuses. The source's settings replace it.
        await File.AppendAllTextAsync(own.File("postgresql.auto.conf"), "wal_log_hints = 'on'\n", cancellationToken);
        var spec = new ProcessSpec(binaries.Program("pg_rewind"),
            ["-D", own.Data.Path, "--source-server", string.Create(CultureInfo.InvariantCulture, $"host=localhost port={source.Port} user={primary.UserName} dbname=postgres sslmode=disable"), "--no-sync"])
        {
            User = user,
            WorkingDirectory = own.Parent,
            Environment = new Dictionary<string, string> { ["PGPASSWORD"] = superPassword, ["LC_ALL"] = "C" },
        };
        var (code, output) = await Tool.RunAsync(spec, cancellationToken);
        if (code != 0)
            return output.Split('\n').LastOrDefault(l => l.Contains("error:", StringComparison.Ordinal)) ?? output.Split('\n')[^1];
        foreach (var name in new[] { "backup_label.old", PairMember.Fence, PairMember.Synchronous })
            File.Delete(own.File(name));
        await FinishAsync(own.Data.Path, cancellationToken);
        return null;
    }

    private async Task CopyAsync(CancellationToken cancellationToken)
    {
        // Beside the old data, which are a standby or a former primary until the very end.
        var target = $"{own.Data.Path}.new";
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        await ExecuteAsync("SELECT pg_backup_start('standby', true)", cancellationToken);
        CopyFolder(source.Data.Path, target, top: true);
        foreach (var history in Directory.EnumerateFiles(source.File("pg_wal"), "*.history"))
            File.Copy(history, Path.Combine(target, "pg_wal", Path.GetFileName(history)));
        // Last: it must not be newer than what it describes.
        File.Copy(source.File("global/pg_control"), Path.Combine(target, "global", "pg_control"), overwrite: true);
        await using (var stop = new NpgsqlCommand("SELECT labelfile, spcmapfile FROM pg_backup_stop(false)", primary) { CommandTimeout = 120 })
        await using (var row = await stop.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            if (row.GetString(1).Length > 0)
                throw new IOException("the embedded host copies no tablespaces");
            await File.WriteAllTextAsync(Path.Combine(target, "backup_label"), row.GetString(0), cancellationToken);
        }

        await FinishAsync(target, cancellationToken);
        if (Directory.Exists(own.Data.Path))
            Directory.Delete(own.Data.Path, recursive: true);
        Directory.Move(target, own.Data.Path);
    }

    private static void CopyFolder(string from, string to, bool top)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            var name = Path.GetFileName(folder);
            if (top && EmptyFolders.Contains(name))
                Directory.CreateDirectory(Path.Combine(to, name));
            else if (name != "pgsql_tmp")
                CopyFolder(folder, Path.Combine(to, name), top: false);
        }

        if (top)
            Directory.CreateDirectory(Path.Combine(to, "pg_wal", "archive_status"));
        foreach (var file in Directory.EnumerateFiles(from))
        {
            if (LeftOut.Contains(Path.GetFileName(file)))
                continue;
            try
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
            catch (FileNotFoundException)
            {
                // Dropped meanwhile; the WAL says so too.
            }
        }
    }

    private async Task FinishAsync(string data, CancellationToken cancellationToken)
    {
        // Who waits for whom is the source's affair: a standby that is promoted has none yet, and would keep every commit waiting.
        var settings = Path.Combine(data, "postgresql.auto.conf");
        var kept = (await File.ReadAllLinesAsync(settings, cancellationToken)).Where(l => !l.StartsWith("synchronous_standby_names", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(settings, kept, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(data, PairMember.StandbySignal), "", cancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (user is null)
            return;
        foreach (var path in Directory.EnumerateFileSystemEntries(data, "*", SearchOption.AllDirectories).Prepend(data))
            Unix.ChangeOwner(path, user);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, primary) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
