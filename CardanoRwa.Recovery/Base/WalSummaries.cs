using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>Which blocks changed between two positions, as Postgres 17 and later summarizes it. Documented with pg_wal_summary_contents.</summary>
internal sealed class WalSummaries
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<(uint Tablespace, uint Database, uint Relation), Changes> _relations = [];
    private readonly HashSet<uint> _databases = [];

    private WalSummaries()
    {
    }

    /// <summary>Null, with the reason, when the summaries do not cover the range.</summary>
    public static async Task<(WalSummaries? Summaries, string? Lacking)> ReadAsync(NpgsqlConnection connection, uint timeline, Lsn from, Lsn to, TimeProvider clock, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var files = await ListAsync(connection, timeline, from, to, cancellationToken);
            var reached = from;
            foreach (var (start, end) in files)
            {
                if (start > reached)
                {
                    return (null, $"no WAL summary covers {reached} to {start}");
                }
                reached = end > reached ? end : reached;
            }
            if (reached >= to)
            {
                var summaries = new WalSummaries();
                foreach (var (start, end) in files)
                {
                    await summaries.AddAsync(connection, timeline, start, end, cancellationToken);
                }
                return (summaries, null);
            }
            // The summarizer follows the WAL a little behind.
            if (clock.GetElapsedTime(began) > Patience)
            {
                return (null, $"the WAL summaries end at {reached}, before {to}");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken);
        }
    }

    /// <summary>The changed ranges of a file of a relation's main fork; null when the whole of it is to be read.</summary>
    public List<FileRange>? Changed(RelationFile file, long length, long parentLength, int blockSize, int segmentBlocks)
    {
        if (_databases.Contains(file.Database) && file.Database != 0)
        {
            return null;
        }
        var first = (long)file.Segment * segmentBlocks;
        var changes = _relations.GetValueOrDefault((file.Tablespace, file.Database, file.Number));
        if (changes is not null && changes.Limit <= first)
        {
            return null;
        }

        // Everything at or after the limit was cut off and written anew; what the parent does not reach to is new.
        var newFrom = Math.Min(parentLength / blockSize, changes is null ? long.MaxValue : changes.Limit - first);
        var blocks = (changes?.Blocks ?? []).Select(b => b - first).Where(b => b >= 0 && b < newFrom && b * blockSize < length).Order();
        var ranges = new List<FileRange>();
        foreach (var block in blocks)
        {
            Append(ranges, block * blockSize, Math.Min(blockSize, length - block * blockSize));
        }
        if (newFrom * blockSize < length)
        {
            Append(ranges, newFrom * blockSize, length - newFrom * blockSize);
        }
        return ranges;
    }

    private static void Append(List<FileRange> ranges, long offset, long length)
    {
        if (ranges.Count > 0 && ranges[^1].Offset + ranges[^1].Length == offset)
        {
            ranges[^1] = ranges[^1] with { Length = ranges[^1].Length + length };
        }
        else
        {
            ranges.Add(new FileRange(offset, length));
        }
    }

    private static async Task<List<(Lsn Start, Lsn End)>> ListAsync(NpgsqlConnection connection, uint timeline, Lsn from, Lsn to, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT start_lsn, end_lsn FROM pg_available_wal_summaries() WHERE tli = $1 AND end_lsn > $2 AND start_lsn < $3 ORDER BY start_lsn, end_lsn", connection)
        {
            Parameters = { new() { Value = (long)timeline }, Position(from), Position(to) },
        };
        var files = new List<(Lsn, Lsn)>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            files.Add((rows.GetFieldValue<Lsn>(0), rows.GetFieldValue<Lsn>(1)));
        }
        return files;
    }

    private async Task AddAsync(NpgsqlConnection connection, uint timeline, Lsn start, Lsn end, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT reltablespace::bigint, reldatabase::bigint, relfilenode::bigint, relblocknumber, is_limit_block FROM pg_wal_summary_contents($1, $2, $3) WHERE relforknumber = 0", connection)
        {
            Parameters = { new() { Value = (long)timeline }, Position(start), Position(end) },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var (tablespace, database, relation, block) = ((uint)rows.GetInt64(0), (uint)rows.GetInt64(1), (uint)rows.GetInt64(2), rows.GetInt64(3));
            if (relation == 0)
            {
                // CREATE DATABASE by copying files: none of its blocks is in the WAL.
                _databases.Add(database);
                continue;
            }
            if (!_relations.TryGetValue((tablespace, database, relation), out var changes))
            {
                _relations[(tablespace, database, relation)] = changes = new Changes();
            }
            if (rows.GetBoolean(4))
            {
                changes.Limit = Math.Min(changes.Limit, block);
            }
            else
            {
                changes.Blocks.Add(block);
            }
        }
    }

    private static NpgsqlParameter Position(Lsn lsn) => new() { Value = lsn, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.PgLsn };

    private sealed class Changes
    {
        public long Limit { get; set; } = long.MaxValue;
        public HashSet<long> Blocks { get; } = [];
    }
}
