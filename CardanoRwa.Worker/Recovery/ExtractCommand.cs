using System.CommandLine;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Extract;
using CardanoRwa.Recovery.Restore;
using Npgsql;

namespace CardanoRwa.Worker.Recovery;

/// <summary><c>restore table</c> and <c>restore asset</c>: rows out of a backup, as SQL for whoever lost them.</summary>
internal static class ExtractCommand
{
    private static readonly Option<string> To = new("--to") { DefaultValueFactory = _ => "latest", Description = "latest, backup, a time, an LSN, or the name of a restore point. Of dumps, the newest before." };
    private static readonly Option<string?> Backup = new("--backup") { Description = "A certain backup, physical or logical." };
    private static readonly Option<bool> Logical = new("--logical") { Description = "From the newest dump, although there are physical backups." };
    private static readonly Option<string?> Database = new("--database") { Description = "The database, where the cluster has several." };
    private static readonly Option<string?> User = new("--user") { Description = "A superuser of the cluster, where it is neither the application's user nor 'postgres'." };
    private static readonly Option<string?> Output = new("--out") { Description = "Write to this new file instead of standard output." };
    private static readonly Option<bool> Replace = new("--replace") { Description = "Rows that are there take the backup's values; without it they stay as they are." };
    private static readonly Option<string?> Postgres = new("--postgres") { Description = "The folder of Postgres' programs." };

    public static Command Table()
    {
        var name = new Option<string>("--name") { Required = true, Description = "The table." };
        var where = new Option<string?>("--where") { Description = "Which rows, as behind WHERE." };
        var command = With(new Command("table", "Prints rows of one table as they are in a backup, as INSERT statements.") { name, where });
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, new ExtractRequest(parsed.GetRequiredValue(name)) { Where = parsed.GetValue(where) }, cancellationToken));
        return command;
    }

    public static Command Asset()
    {
        var id = new Option<string>("--id") { Required = true, Description = "The asset's id, or its external id." };
        var command = With(new Command("asset", "Prints an asset as it is in a backup, as INSERT statements: with its valuations, compliance records, evidence, token, operations and their transactions. The audit trail stays out.") { id });
        command.SetAction((parsed, cancellationToken) =>
        {
            var wanted = parsed.GetRequiredValue(id);
            var column = Guid.TryParse(wanted, out var guid) ? $"id = '{guid}'" : $"external_id = '{wanted.Replace("'", "''", StringComparison.Ordinal)}'";
            return RunAsync(parsed, new ExtractRequest("assets") { Where = column, FollowsReferences = true, AlsoTables = ["evidence_pins"] }, cancellationToken);
        });
        return command;
    }

    private static Command With(Command command)
    {
        foreach (var option in new Option[] { To, Backup, Logical, Database, User, Output, Replace, Postgres, CommonOptions.SystemId, CommonOptions.RecoveryKey, CommonOptions.Json })
        {
            command.Options.Add(option);
        }
        return command;
    }

    private static Task<int> RunAsync(ParseResult parsed, ExtractRequest what, CancellationToken cancellationToken) => RecoveryHost.RunAsync(CommonOptions.RecoveryKeyOf(parsed), needsRecipients: false, async host =>
    {
        var application = new NpgsqlConnectionStringBuilder(host.Configuration.GetConnectionString("rwadb"));
        string?[] users = [parsed.GetValue(User), application.Username, "postgres"];
        var request = what with
        {
            Target = RestoreTarget.Parse(parsed.GetRequiredValue(To)),
            BackupId = parsed.GetValue(Backup),
            SystemId = parsed.GetValue(CommonOptions.SystemId),
            IsFromDump = parsed.GetValue(Logical),
            Database = parsed.GetValue(Database) ?? application.Database,
            Users = [.. users.OfType<string>().Distinct()],
            Replaces = parsed.GetValue(Replace),
            ProgramsFolder = parsed.GetValue(Postgres) ?? host.Options.PostgresFolder,
            ScratchFolder = host.Options.ScratchFolder,
        };
        var file = parsed.GetValue(Output);
        var isJson = parsed.GetValue(CommonOptions.Json);
        if (isJson && file is null)
        {
            return ExitCodes.Report(new RecoveryRefusal("extract.output", "With --json, standard output holds the report.", "Give --out for the rows."));
        }
        var progress = new RecoveryProgress(host.Clock);
        Outcome<ExtractResult> outcome;
        await using (var output = file is null ? Console.Out : new StreamWriter(Private(file)))
        {
            outcome = await ProgressBars.ShowAsync(progress, isJson, () => new RowExtract(host.Stores, host.Keys, host.Wal, host.Clock).RunAsync(request, output, progress, cancellationToken));
        }
        if (outcome.IsRefused(out var refusal, out var result))
        {
            if (file is not null)
            {
                File.Delete(file);
            }
            return ExitCodes.Report(refusal);
        }
        if (isJson)
        {
            CommonOptions.PrintJson(new { Backup = result.BackupId, result.At, Rows = result.Rows.Select(r => new { r.Table, r.Rows }), File = file });
        }
        else
        {
            await Console.Error.WriteLineAsync($"From {result.BackupId}, as of {result.At}: {string.Join(", ", result.Rows.Where(r => r.Rows > 0).Select(r => $"{r.Rows} of {r.Table}"))}.");
        }
        return ExitCodes.Done;
    }, cancellationToken);

    // Never over a file that is there, and readable by nobody else from its first byte on.
    private static FileStream Private(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return new FileStream(path, options);
    }
}
