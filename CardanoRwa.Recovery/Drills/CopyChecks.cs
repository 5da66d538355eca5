using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using Npgsql;

namespace CardanoRwa.Recovery.Drills;

/// <summary>What is looked at in a restored copy.</summary>
internal static class CopyChecks
{
    /// <summary>The copy stands at the tally's restore point, readable.</summary>
    public static async Task<IEnumerable<DrillCheck>> AgainstTallyAsync(NpgsqlConnection copy, Tally tally, CancellationToken cancellationToken)
    {
        var last = await Sentinels.LastAsync(copy, cancellationToken);
        var found = (await TableCounts.ReadAsync(copy, ofCatalog: false, cancellationToken)).ToDictionary(t => t.Table);
        var wrong = tally.Tables.Where(t => found.GetValueOrDefault(t.Table) != t).Select(t => $"{t.Table}: {t.Rows} rows {t.Hash} were recorded, {(found.GetValueOrDefault(t.Table) is { } is_ ? $"{is_.Rows} rows {is_.Hash}" : "none")} found")
            .Concat(found.Keys.Except(tally.Tables.Select(t => t.Table)).Select(t => $"{t} was not there")).ToList();
        return
        [
            Check("sentinels", last?.Sequence == tally.LastSentinel, $"the newest before {tally.Name} is {tally.LastSentinel?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}, the copy's newest is {last?.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}"),
            Check("counts", wrong.Count == 0, wrong.Count == 0 ? $"{tally.Tables.Count} tables, {tally.Tables.Sum(t => t.Rows)} rows, as counted at {tally.At}" : string.Join("; ", wrong)),
        ];
    }

    /// <summary>Every index against its table, both ways, and every table's own order.</summary>
    public static async Task<DrillCheck> IndexesAsync(NpgsqlConnection copy, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(copy, "CREATE EXTENSION IF NOT EXISTS amcheck", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedFile or PostgresErrorCodes.FeatureNotSupported)
        {
            return new DrillCheck("amcheck", CheckState.Skipped, "this installation of PostgreSQL has no extension amcheck");
        }
        // Wherever the extension was put by the source.
        var schema = await ScalarAsync<string>(copy, "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'", cancellationToken);
        var indexes = await ListAsync(copy, "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_am a ON a.oid = c.relam JOIN pg_index i ON i.indexrelid = c.oid WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence = 'p' AND i.indisvalid AND i.indisready", cancellationToken);
        var tables = await ListAsync(copy, "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 't', 'm') AND c.relpersistence = 'p'", cancellationToken);
        var faults = new List<string>();
        foreach (var index in indexes)
        {
            try
            {
                await ExecuteAsync(copy, $"SELECT {schema}.bt_index_check(index => {Quote(index)}::regclass, heapallindexed => true)", cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.IndexCorrupted or PostgresErrorCodes.DataCorrupted)
            {
                faults.Add($"{index}: {e.MessageText}");
            }
        }
        foreach (var table in tables)
        {
            faults.AddRange((await ListAsync(copy, $"SELECT msg FROM {schema}.verify_heapam({Quote(table)}::regclass)", cancellationToken)).Select(m => $"{table}: {m}"));
        }
        return Check("amcheck", faults.Count == 0, faults.Count == 0 ? $"{indexes.Count} indexes with their rows, {tables.Count} tables" : string.Join("; ", faults.Take(20)));
    }

    /// <summary>The catalogs too: a copy whose tables read but whose definitions do not is no copy.</summary>
    public static async Task<DrillCheck> ReadAllAsync(NpgsqlConnection copy, CancellationToken cancellationToken)
    {
        var own = await TableCounts.ReadAsync(copy, ofCatalog: false, cancellationToken);
        var catalog = await TableCounts.ReadAsync(copy, ofCatalog: true, cancellationToken);
        return new DrillCheck("read", CheckState.Passed, $"{own.Sum(t => t.Rows)} rows of {own.Count} tables and {catalog.Sum(t => t.Rows)} of {catalog.Count} catalogs");
    }

    /// <summary>Every page of every relation, of a server that was shut down in order.</summary>
    public static async Task<DrillCheck> PagesAsync(string data, ServerFacts facts, CancellationToken cancellationToken)
    {
        if (!facts.HasChecksums)
        {
            return new DrillCheck("pages", CheckState.Skipped, "the cluster was made without page checksums");
        }
        var (pages, faults) = (0L, new List<string>());
        var buffer = new byte[facts.BlockSize * 64];
        foreach (var file in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories))
        {
            if (FileRules.Relation(Path.GetRelativePath(data, file).Replace('\\', '/')) is not { } relation)
            {
                continue;
            }
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
            var block = relation.Segment * (uint)facts.SegmentBlocks;
            for (int count; (count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)) > 0;)
            {
                for (var at = 0; at + facts.BlockSize <= count; at += facts.BlockSize, block++, pages++)
                {
                    if (!PageChecksum.IsRight(buffer.AsSpan(at, facts.BlockSize), block))
                    {
                        faults.Add($"{Path.GetRelativePath(data, file)} block {block}");
                    }
                }
            }
        }
        return Check("pages", faults.Count == 0, faults.Count == 0 ? $"{pages} pages" : string.Join("; ", faults.Take(20)));
    }

    /// <summary>Whoever connects can tell that this is a copy.</summary>
    public static async Task<DrillCheck> HeldAsync(NpgsqlConnection copy, string drillId, CancellationToken cancellationToken)
    {
        var told = await ScalarAsync<string?>(copy, $"SELECT current_setting('{Restore.RecoverySettings.RestoredSetting}', true)", cancellationToken);
        return Check("held", told == drillId, $"its sessions are told '{told}', which stops minting and webhooks");
    }

    public static DrillCheck Check(string name, bool passed, string detail) => new(name, passed ? CheckState.Passed : CheckState.Failed, detail);

    public static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default!;
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<List<string>> ListAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var list = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            list.Add(reader.GetString(0));
        }
        return list;
    }

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
