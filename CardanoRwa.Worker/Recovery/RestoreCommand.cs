using System.CommandLine;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Restore;

namespace CardanoRwa.Worker.Recovery;

internal static class RestoreCommand
{
    public static Command Create()
    {
        var to = new Option<string>("--to") { DefaultValueFactory = _ => "latest", Description = "latest, backup (the end of the backup), a time such as 2026-01-31T12:00:00Z, an LSN, or the name of a restore point." };
        var target = new Option<string?>("--target") { Description = "The new data directory: empty or not there yet." };
        var database = new Option<string?>("--target-database") { Description = "Load a dump into this empty database instead: a connection string without its password ('-' reads it whole from standard input). --to is latest or a backup's id." };
        var owners = new Option<bool>("--owners") { Description = "With --target-database: keep owners and grants; the roles must be there." };
        var backup = new Option<string?>("--backup") { Description = "A certain backup instead of the nearest before the target." };
        var timeline = new Option<uint?>("--timeline") { Description = "Follow this timeline instead of the newest." };
        var spaces = new Option<string[]>("--tablespace") { Description = "OLD=NEW: where a tablespace goes; others go beside the data directory." };
        var start = new Option<int?>("--start") { Description = "Start the server on this port, wait until it has replayed, and leave it running." };
        var postgres = new Option<string?>("--postgres") { Description = "The folder of Postgres' programs." };
        var command = new Command("restore", "Restores a cluster into an empty directory, from a store and a key alone.")
        {
            to, target, database, owners, backup, timeline, spaces, start, postgres, CommonOptions.SystemId, CommonOptions.RecoveryKey, CommonOptions.Json,
        };
        command.Subcommands.Add(ExtractCommand.Table());
        command.Subcommands.Add(ExtractCommand.Asset());
        command.SetAction((parsed, cancellationToken) => RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: false, async host =>
        {
            if (parsed.GetValue(database) is { } connection)
            {
                var id = parsed.GetValue(backup) ?? (parsed.GetRequiredValue(to) is "latest" ? null : parsed.GetRequiredValue(to));
                return await LoadDump.RunAsync(host, connection, id, parsed.GetValue(CommonOptions.SystemId), parsed.GetValue(owners), parsed.GetValue(CommonOptions.Json), cancellationToken);
            }
            if (parsed.GetValue(target) is not { } directory)
            {
                return ExitCodes.Report(new RecoveryRefusal("restore.no-target", "Where to is not said.", "Give --target with a new directory, or --target-database with an empty database for a dump."));
            }
            var map = (parsed.GetValue(spaces) ?? []).Select(s => s.Split('=', 2)).ToList();
            if (map.Exists(m => m.Length != 2))
            {
                return ExitCodes.Report(new RecoveryRefusal("restore.tablespace", "--tablespace takes OLD=NEW.", "Such as --tablespace /mnt/fast=/restore/fast."));
            }
            var port = parsed.GetValue(start);
            PostgresPrograms? programs = null;
            if (port is not null && (await host.FindProgramsAsync(parsed.GetValue(postgres), parsed.GetValue(CommonOptions.SystemId), cancellationToken)).IsRefused(out var lacking, out programs))
            {
                return ExitCodes.Report(lacking);
            }
            var server = programs is null ? null : new RestoredServer(programs, Path.GetFullPath(directory), host.Clock);
            var request = new RestoreRequest(directory, RestoreTarget.Parse(parsed.GetRequiredValue(to)))
            {
                SystemId = parsed.GetValue(CommonOptions.SystemId),
                BackupId = parsed.GetValue(backup),
                Timeline = parsed.GetValue(timeline),
                ServerMajor = programs?.Major,
                Tablespaces = map.ToDictionary(m => m[0], m => m[1]),
                Start = server is null ? null : new RestoreStart(server, port!.Value),
            };
            var progress = new RecoveryProgress(host.Clock);
            var outcome = await ProgressBars.ShowAsync(progress, parsed.GetValue(CommonOptions.Json), () => new RestoreRun(host.Stores, host.Keys, host.Wal, host.Clock).RunAsync(request, progress, cancellationToken));
            if (outcome.IsRefused(out var refusal, out var result))
            {
                return ExitCodes.Report(refusal);
            }
            if (result.StartFault is { } fault)
            {
                await Console.Error.WriteLineAsync($"restore.start: The server did not come up; its log is {server!.Log}:\n{fault}");
                return ExitCodes.Unavailable;
            }
            if (parsed.GetValue(CommonOptions.Json))
            {
                CommonOptions.PrintJson(new
                {
                    Backup = result.Backup.Id,
                    result.Chain,
                    Target = request.Target.ToString(),
                    result.WalSegments,
                    result.FallbackObjects,
                    Directory = request.Directory,
                    FetchSeconds = Math.Round(result.Fetching.TotalSeconds, 3),
                    WalSeconds = Math.Round(result.FetchingWal.TotalSeconds, 3),
                    ReplaySeconds = Math.Round(result.Replaying.TotalSeconds, 3),
                    SyncSeconds = Math.Round(result.Syncing.TotalSeconds, 3),
                    Phases = progress.PhaseSeconds,
                });
            }
            else
            {
                Console.WriteLine($"{result.Backup.Id} is in {request.Directory}, with {result.WalSegments} segments of WAL to replay to {request.Target}: files {result.Fetching.TotalSeconds:0.0} s, WAL {result.FetchingWal.TotalSeconds:0.0} s, disk {result.Syncing.TotalSeconds:0.0} s.");
                if (programs is not null)
                {
                    Console.WriteLine($"The server is up on port {port} after {result.Replaying.TotalSeconds:0.0} s. Point the platform at it: ConnectionStrings__rwadb='Host=localhost;Port={port};...'. It runs until: {programs.Program("pg_ctl")} stop -D {request.Directory}");
                }
                result.FallbackObjects.ToList().ForEach(f => Console.Error.WriteLine($"Taken from another store: {f}"));
            }
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }
}
