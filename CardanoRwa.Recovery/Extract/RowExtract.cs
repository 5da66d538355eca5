using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using Npgsql;

namespace CardanoRwa.Recovery.Extract;

/// <summary>Rows out of a backup as SQL, by way of a server that lives just long enough to be asked.</summary>
public sealed class RowExtract(IReadOnlyList<IObjectStore> stores, KeyRing keys, IWalSource wal, TimeProvider clock)
{
    // Literals must not depend on how the cluster was set up.
    private const string Session = """
        SET default_transaction_read_only = on; SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET extra_float_digits = 1;
        SET bytea_output = 'hex'; SET xmloption = 'content'; SET row_security = off
        """;

    public async Task<Outcome<ExtractResult>> RunAsync(ExtractRequest request, TextWriter output, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "planning";
        var listing = await new BackupCatalogue(stores, keys).ListAsync(request.SystemId, cancellationToken);
        if (Dump(request, listing).IsRefused(out var refusal, out var choice))
        {
            return refusal;
        }
        var making = choice.Dump is { } dump
            ? ScratchServer.OfDumpAsync(request, dump, stores, keys, clock, progress, cancellationToken)
            : ScratchServer.OfPhysicalAsync(request, stores, keys, wal, choice.Major, clock, progress, cancellationToken);
        if ((await making).IsRefused(out refusal, out var server))
        {
            return refusal;
        }
        await using (server)
        {
            progress.Phase = "extracting";
            return await ExtractAsync(request, server, output, cancellationToken);
        }
    }

    private static Outcome<(CatalogueEntry? Dump, int Major)> Dump(ExtractRequest request, CatalogueListing listing)
    {
        if (request.BackupId is { } id && listing.Find(id) is { } named)
        {
            return (named.Manifest.Kind == BackupKind.Logical ? named : null, named.Manifest.Server.Major);
        }
        if (!request.IsFromDump && listing.Backups is [.., var physical])
        {
            return ((CatalogueEntry?)null, physical.Manifest.Server.Major);
        }
        // A dump has one moment, so it answers to a time only by being before it.
        var dumps = listing.Logical.Where(d => request.Target is not RestoreTarget.Time time || d.Manifest.StoppedAt <= time.At).ToList();
        return request.BackupId is null && dumps is [.., var newest] && request.Target is RestoreTarget.Latest or RestoreTarget.Backup or RestoreTarget.Time
            ? (newest, newest.Manifest.Server.Major)
            : new RecoveryRefusal("restore.no-backup", "No backup in the stores has that moment.", "'backup list' shows what there is.");
    }

    private static async Task<Outcome<ExtractResult>> ExtractAsync(ExtractRequest request, ScratchServer server, TextWriter output, CancellationToken cancellationToken)
    {
        if ((await OpenAsync(request, server, cancellationToken)).IsRefused(out var refusal, out var connection))
        {
            return refusal;
        }
        await using (connection)
        {
            var graph = new TableGraph(connection);
            if (await graph.FindAsync(request.Table, cancellationToken) is not { } table)
            {
                return new RecoveryRefusal("extract.no-table", $"There was no table {request.Table} in {connection.Database}.", "Write it with its schema, or choose another moment with --to.");
            }
            var also = new List<string>();
            foreach (var name in request.AlsoTables)
            {
                if (await graph.FindAsync(name, cancellationToken) is { } found)
                {
                    also.Add(found);
                }
            }
            var selection = RowSelection.Of(table, request.Where, request.FollowsReferences ? await graph.ReferencesAsync(cancellationToken) : [], also);
            try
            {
                return await WriteAsync(request, server, table, selection, graph, connection, output, cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState.StartsWith("42", StringComparison.Ordinal) || e.SqlState.StartsWith("22", StringComparison.Ordinal))
            {
                return new RecoveryRefusal("extract.where", $"The condition cannot be used: {e.MessageText}", "--where takes what would stand behind WHERE, such as \"name = 'Harbour warehouse'\".");
            }
        }
    }

    private static async Task<Outcome<ExtractResult>> WriteAsync(
        ExtractRequest request, ScratchServer server, string table, RowSelection selection, TableGraph graph, NpgsqlConnection connection, TextWriter output, CancellationToken cancellationToken)
    {
        await using (var ask = new NpgsqlCommand($"SELECT EXISTS (SELECT FROM {table} WHERE {selection.Condition(table)})", connection))
        {
            if (await ask.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return new RecoveryRefusal("extract.no-rows", $"{table} had no such row at that moment.", "Choose another moment with --to, or another condition.");
            }
        }
        var at = server.Backup.Kind == BackupKind.Logical ? $"{server.Backup.StoppedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" : request.Target.ToString()!;
        await output.WriteAsync($"-- From backup {server.Backup.Id}, as of {at.ReplaceLineEndings(" ")}.\nBEGIN;\n".AsMemory(), cancellationToken);
        var written = new List<(string, long)>();
        var writer = new RowWriter(connection, output, request.Replaces);
        foreach (var name in selection.InOrder())
        {
            written.Add((name, await writer.WriteAsync(name, await graph.ShapeAsync(name, cancellationToken), selection.Condition(name), cancellationToken)));
        }
        await output.WriteAsync("COMMIT;\n".AsMemory(), cancellationToken);
        await output.FlushAsync(cancellationToken);
        return new ExtractResult(server.Backup.Id, at, written);
    }

    private static async Task<Outcome<NpgsqlConnection>> OpenAsync(ExtractRequest request, ScratchServer server, CancellationToken cancellationToken)
    {
        // A dump was loaded by the scratch server's own superuser.
        var users = server.Backup.Logical is null ? request.Users : ["postgres"];
        foreach (var user in users)
        {
            if (await TryOpenAsync(server.ConnectionString("template1", user), cancellationToken) is not { } any)
            {
                continue;
            }
            await using (any)
            {
                await using var list = new NpgsqlCommand("SELECT ARRAY(SELECT datname::text FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1)", any);
                var names = (string[])(await list.ExecuteScalarAsync(cancellationToken))!;
                var name = request.Database ?? server.Backup.Logical?.Database ?? (names.Length == 0 ? "postgres" : names.Length == 1 ? names[0] : null);
                if (name is null || (name != "postgres" && !names.Contains(name)))
                {
                    return new RecoveryRefusal("extract.which-database", $"The cluster has the databases {string.Join(", ", names)}.", "Say which with --database.");
                }
                var connection = (await TryOpenAsync(server.ConnectionString(name, user), cancellationToken))!;
                await using var set = new NpgsqlCommand(Session, connection);
                await set.ExecuteNonQueryAsync(cancellationToken);
                return connection;
            }
        }
        return new RecoveryRefusal("extract.which-user", $"The cluster has no user {string.Join(" or ", users)}.", "Name one of its superusers with --user.");
    }

    /// <summary>Null where the cluster has no such role.</summary>
    private static async Task<NpgsqlConnection?> TryOpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidPassword)
        {
            await connection.DisposeAsync();
            return null;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
