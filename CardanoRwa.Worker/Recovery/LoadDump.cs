using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Logical;
using Npgsql;

namespace CardanoRwa.Worker.Recovery;

/// <summary><c>restore --target-database</c>.</summary>
internal static class LoadDump
{
    public static async Task<int> RunAsync(RecoveryHost host, string connection, string? backupId, string? systemId, bool keepsOwners, bool isJson, CancellationToken cancellationToken)
    {
        if (Target(connection).IsRefused(out var refusal, out var target))
        {
            return ExitCodes.Report(refusal);
        }
        var request = new LogicalRestoreRequest(target)
        {
            BackupId = backupId,
            SystemId = systemId,
            ProgramsFolder = host.Options.PostgresFolder,
            ScratchFolder = host.Options.ScratchFolder,
            KeepsOwners = keepsOwners,
        };
        var progress = new RecoveryProgress(host.Clock);
        var outcome = await ProgressBars.ShowAsync(progress, isJson, () => new LogicalRestore(host.Stores, host.Keys, host.Clock).RunAsync(request, progress, cancellationToken));
        if (outcome.IsRefused(out refusal, out var result))
        {
            return ExitCodes.Report(refusal);
        }
        if (isJson)
        {
            CommonOptions.PrintJson(new
            {
                Backup = result.Backup.Id,
                result.Backup.Logical!.Database,
                result.Tables,
                result.Rows,
                result.Differences,
                result.FallbackObjects,
                FetchSeconds = Math.Round(result.Fetching.TotalSeconds, 3),
                LoadSeconds = Math.Round(result.Loading.TotalSeconds, 3),
            });
        }
        else
        {
            Console.WriteLine($"{result.Backup.Id}, the database {result.Backup.Logical!.Database} as of {result.Backup.StoppedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, is loaded: {result.Rows} rows in {result.Tables} tables; files {result.Fetching.TotalSeconds:0.0} s, load {result.Loading.TotalSeconds:0.0} s.");
            result.FallbackObjects.ToList().ForEach(f => Console.Error.WriteLine($"Taken from another store: {f}"));
        }
        result.Differences.ToList().ForEach(d => Console.Error.WriteLine($"DIFFERS: {d}"));
        return result.Differences.Count == 0 ? ExitCodes.Done : ExitCodes.Damaged;
    }

    private static Outcome<string> Target(string connection)
    {
        try
        {
            if (connection == "-")
            {
                return new NpgsqlConnectionStringBuilder(Console.In.ReadLine() ?? "").ConnectionString;
            }
            return new NpgsqlConnectionStringBuilder(connection).Password is { Length: > 0 }
                ? new RecoveryRefusal("restore.password", "A command line is everybody's to read, and this one holds a password.", "Leave it out and set PGPASSWORD, or give '-' and the whole connection string on standard input.")
                : connection;
        }
        catch (ArgumentException e)
        {
            return new RecoveryRefusal("restore.target", $"That is no connection string: {e.Message}", "Such as 'Host=db.example;Username=admin;Database=new'.");
        }
    }
}
