using System.Diagnostics;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Logical;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using Npgsql;

namespace CardanoRwa.Recovery.Extract;

/// <summary>
/// A server on a backup's content, in a scratch folder and reachable by a socket in it alone. It loads no library that could act by itself,
/// archives nothing and follows no subscription: what was restored cannot call out. Gone when disposed.
/// </summary>
internal sealed class ScratchServer : IAsyncDisposable
{
    private const int Port = 5432;
    private readonly ScratchFolder _scratch;
    private readonly RestoredServer _server;

    private ScratchServer(ScratchFolder scratch, PostgresPrograms programs, TimeProvider clock) =>
        (_scratch, _server, Programs) = (scratch, new RestoredServer(programs, scratch.Inside("data"), clock), programs);

    public PostgresPrograms Programs { get; }

    /// <summary>Of the backup that it came from.</summary>
    public BackupManifest Backup { get; private set; } = null!;

    public static async Task<Outcome<ScratchServer>> OfPhysicalAsync(
        ExtractRequest request, IReadOnlyList<IObjectStore> stores, KeyRing keys, IWalSource wal, int major, TimeProvider clock, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        if ((await PostgresPrograms.FindAsync(request.ProgramsFolder, major, cancellationToken)).IsRefused(out var refusal, out var programs))
        {
            return refusal;
        }
        var made = Create(request, programs, clock);
        return await OrGoneAsync(made, async () =>
        {
            var restore = new RestoreRequest(made._scratch.Inside("data"), request.Target) { BackupId = request.BackupId, SystemId = request.SystemId, ServerMajor = programs.Major };
            if ((await new RestoreRun(stores, keys, wal, clock).RunAsync(restore, progress, cancellationToken)).IsRefused(out var refused, out var restored))
            {
                return refused;
            }
            made.Backup = restored.Backup;
            return await made.StartAsync(progress, cancellationToken);
        });
    }

    public static async Task<Outcome<ScratchServer>> OfDumpAsync(
        ExtractRequest request, CatalogueEntry dump, IReadOnlyList<IObjectStore> stores, KeyRing keys, TimeProvider clock, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        if ((await PostgresPrograms.FindAsync(request.ProgramsFolder, dump.Manifest.Server.Major, cancellationToken)).IsRefused(out var refusal, out var programs))
        {
            return refusal;
        }
        var made = Create(request, programs, clock);
        return await OrGoneAsync(made, async () =>
        {
            made.Backup = dump.Manifest;
            await made.InitialiseAsync(cancellationToken);
            if (await made.StartAsync(progress, cancellationToken) is { } fault)
            {
                return fault;
            }
            var name = dump.Manifest.Logical!.Database;
            if (name != "postgres")
            {
                await using var session = new NpgsqlConnection(made.ConnectionString("postgres", "postgres"));
                await session.OpenAsync(cancellationToken);
                await using var create = new NpgsqlCommand($"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" TEMPLATE template0", session);
                await create.ExecuteNonQueryAsync(cancellationToken);
            }
            var load = new LogicalRestoreRequest(made.ConnectionString(name, "postgres")) { BackupId = dump.Manifest.Id, SystemId = dump.Manifest.SystemId, ProgramsFolder = request.ProgramsFolder, ScratchFolder = request.ScratchFolder };
            return (await new LogicalRestore(stores, keys, clock).RunAsync(load, progress, cancellationToken)).Refusal;
        });
    }

    public string ConnectionString(string database, string user) => new NpgsqlConnectionStringBuilder
    {
        Host = _scratch.Path,
        Port = Port,
        Database = database,
        Username = user,
        Pooling = false,
        CommandTimeout = 0,
    }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(_scratch.Inside("data"), "postmaster.pid")))
        {
            await _server.StopAsync(CancellationToken.None);
        }
        _scratch.Dispose();
    }

    private static ScratchServer Create(ExtractRequest request, PostgresPrograms programs, TimeProvider clock)
    {
        var scratch = ScratchFolder.Create(request.ScratchFolder);
        if (Unix.OwnerToKeep(scratch.Path) is { } owner)
        {
            Unix.GiveTo(owner, scratch.Path);
        }
        return new ScratchServer(scratch, programs, clock);
    }

    private static async Task<Outcome<ScratchServer>> OrGoneAsync(ScratchServer made, Func<Task<RecoveryRefusal?>> fill)
    {
        var isReady = false;
        try
        {
            if (await fill() is { } refusal)
            {
                return refusal;
            }
            isReady = true;
            return made;
        }
        finally
        {
            if (!isReady)
            {
                await made.DisposeAsync();
            }
        }
    }

    private async Task<RecoveryRefusal?> StartAsync(RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var access = _scratch.Inside("access.conf");
        // The folder is its user's alone, and so is the socket in it.
        await File.WriteAllTextAsync(access, "local all all trust\n", cancellationToken);
        if (Unix.OwnerToKeep(_scratch.Path) is { } owner)
        {
            Unix.GiveTo(owner, access);
        }
        string[] settings =
        [
            "listen_addresses=", $"unix_socket_directories={_scratch.Path}", "unix_socket_permissions=0700", $"hba_file={access}", "ssl=off", "external_pid_file=",
            "archive_mode=off", "primary_conninfo=", "synchronous_standby_names=", "max_logical_replication_workers=0",
            "shared_preload_libraries=", "session_preload_libraries=", "local_preload_libraries=", "logging_collector=off", "autovacuum=off", "fsync=off",
            .. Programs.Major >= 17 ? ["event_triggers=off"] : Array.Empty<string>(),
        ];
        return await _server.StartAsync(Port, settings, progress, cancellationToken) is { } fault
            ? new RecoveryRefusal("extract.start", $"The scratch server did not come up: {fault}", "Its log is the text above; try another backup or target.")
            : null;
    }

    private async Task InitialiseAsync(CancellationToken cancellationToken)
    {
        var data = _scratch.Inside("data");
        var command = Unix.AsOwner(_scratch.Path, [Programs.Program("initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _scratch.Path })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        await output;
        if (process.ExitCode != 0)
        {
            throw new IOException($"initdb ended with {process.ExitCode}: {await errors}");
        }
    }
}
