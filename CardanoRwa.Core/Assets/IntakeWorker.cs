using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Writes;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace CardanoRwa.Core.Assets;

/// <summary>Writes a round of registrations: assets, valuations, audit rows and kept answers, in one transaction and one round trip.</summary>
internal sealed class IntakeWorker(RegistrySource source, RegistryChanges changes, ILogger logger) : RoundWorker<Registration>(source, logger)
{
    // Of the few that another's lock holds up; what waits with them goes alone then.
    private const int PatienceSeconds = 5;
    // Each that fails was overtaken by another lane or replica, which committed.
    private const int Attempts = 5;
    // Whatever was there when a statement or the check of a foreign key is planned: a plan made over an empty table reads all of it, and is kept while the table grows.
    private const string ByIndex = "SELECT set_config('enable_seqscan', 'off', true)";
    private static readonly Touched NewAssets = new([], Lists: true, Requested: false);
    // What is there already is met by requests that are sent again, most often many of them.
    private bool _metKnown;

    protected override async Task CarryOutAsync(NpgsqlConnection connection, IReadOnlyList<Registration> round)
    {
        var (news, twins) = Apart(round);
        // Where one waits for an answer an exchange with the database is little; where many do, it is a good part of a round, and nearly all of them are new.
        if (round.Count == 1 || _metKnown)
        {
            _metKnown = await TakeOutKnownAsync(connection, news, twins);
        }
        for (var attempt = 1; !await TryInsertAsync(connection, news, isLast: attempt == Attempts); attempt++)
        {
            // One of these was there, or another's lane wrote a twin of it meanwhile. It is committed and told apart now; nothing of this round was written, and the rest stays together.
            _metKnown |= await TakeOutKnownAsync(connection, news, twins);
        }
        if (news.Count > 0)
        {
            await changes.CommittedAsync(NewAssets);
        }
        foreach (var registration in news)
        {
            registration.Answer(registration.Response);
        }
        // Only now, so that they find what their like has written.
        foreach (var twin in twins)
        {
            twin.GoAlone();
        }
    }

    /// <summary>Puts aside who would be in the way of another of the round.</summary>
    private static (List<Registration> News, List<Registration> Twins) Apart(IReadOnlyList<Registration> round)
    {
        var (news, twins) = (new List<Registration>(round.Count), new List<Registration>());
        var (keys, externalIds) = (new HashSet<(string, string)>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var r in round)
        {
            var isTwin = (r.Request.Key is { } key && !keys.Add((r.Request.Actor, key))) | (r.Asset.ExternalId is { } externalId && !externalIds.Add(externalId));
            (isTwin ? twins : news).Add(r);
        }
        return (news, twins);
    }

    /// <summary>Answers those whose key has an answer already, and puts aside those whose external id is taken. False where there were none.</summary>
    private static async Task<bool> TakeOutKnownAsync(NpgsqlConnection connection, List<Registration> news, List<Registration> twins)
    {
        var externalIds = news.Select(r => r.Asset.ExternalId).OfType<string>().ToArray();
        if (externalIds.Length == 0 && !news.Exists(r => r.Request.Key is not null))
        {
            return false;
        }
        var (kept, taken) = await KnownAsync(connection, news, externalIds);
        news.RemoveAll(r =>
        {
            if (r.Request.Key is not { } key || !kept.TryGetValue((r.Request.Actor, key), out var record))
            {
                return false;
            }
            r.Answer(RegistryWriter.Replay(record, r.Request.RequestHash));
            return true;
        });
        twins.AddRange(news.Where(r => r.Asset.ExternalId is { } id && taken.Contains(id)));
        news.RemoveAll(twins.Contains);
        return kept.Count > 0 || taken.Count > 0;
    }

    /// <summary>The answers kept for keys of these, and the external ids that assets have.</summary>
    private static async Task<(Dictionary<(string, string), IdempotencyRecord> Kept, HashSet<string> Taken)> KnownAsync(NpgsqlConnection connection, List<Registration> news, string[] externalIds)
    {
        var keyed = news.Where(r => r.Request.Key is not null).ToList();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(ByIndex),
                new("""
                    SELECT k.actor, k.key, k.request_hash, k.status_code, k.location, k.etag, k.body, k.created_at
                    FROM unnest($1::text[], $2::text[]) AS q(actor, key) JOIN idempotency_keys k ON k.actor = q.actor COLLATE "C" AND k.key = q.key COLLATE "C"
                    """)
                {
                    Parameters = { Texts(keyed, r => r.Request.Actor), Texts(keyed, r => r.Request.Key) },
                },
                new("SELECT external_id FROM assets WHERE external_id = ANY($1::text[])") { Parameters = { new NpgsqlParameter<string[]> { TypedValue = externalIds } } },
            },
        };
        await batch.PrepareAsync();
        var (kept, taken) = (new Dictionary<(string, string), IdempotencyRecord>(), new HashSet<string>(StringComparer.Ordinal));
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            kept[(reader.GetString(0), reader.GetString(1))] = new IdempotencyRecord
            {
                Actor = reader.GetString(0),
                Key = reader.GetString(1),
                RequestHash = reader.GetFieldValue<byte[]>(2),
                StatusCode = reader.GetInt32(3),
                Location = reader.IsDBNull(4) ? null : reader.GetString(4),
                ETag = reader.IsDBNull(5) ? null : reader.GetString(5),
                Body = reader.GetFieldValue<byte[]>(6),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(7),
            };
        }
        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            taken.Add(reader.GetString(0));
        }
        return (kept, taken);
    }

    /// <summary>False where something of a row's was there already, and nothing was written.</summary>
    private static async Task<bool> TryInsertAsync(NpgsqlConnection connection, List<Registration> news, bool isLast)
    {
        try
        {
            await InsertAsync(connection, news);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation && !isLast)
        {
            return false;
        }
    }

    /// <summary>All of a batch is one transaction, committed when it is answered.</summary>
    private static async Task InsertAsync(NpgsqlConnection connection, List<Registration> news)
    {
        if (news.Count == 0)
        {
            return;
        }
        // In the order of keys: two replicas that were sent the same ones wait for each other instead of deadlocking.
        var keyed = news.Where(r => r.Request.Key is not null).OrderBy(r => r.Request.Actor, StringComparer.Ordinal).ThenBy(r => r.Request.Key, StringComparer.Ordinal).ToList();
        var audit = news.SelectMany(r => r.Audit).ToList();
        await using var batch = new NpgsqlBatch(connection) { Timeout = PatienceSeconds, BatchCommands = { new(ByIndex) } };
        Add(batch, "idempotency_keys", ["actor", "key", "request_hash", "status_code", "location", "etag", "body", "created_at"], keyed.Count,
            Texts(keyed, r => r.Request.Actor), Texts(keyed, r => r.Request.Key), Array(keyed, r => r.Request.RequestHash), Array(keyed, r => r.Response.StatusCode),
            Texts(keyed, r => r.Response.Location), Texts(keyed, r => r.Response.ETag), Array(keyed, r => r.Response.Body), Array(keyed, r => r.Stamp.At.UtcDateTime));
        Add(batch, "assets", ["id", "external_id", "name", "kind", "jurisdiction", "description", "value", "currency", "value_as_of", "status", "attributes", "created_at", "updated_at", "version"], news.Count,
            Array(news, r => r.Asset.Id), Texts(news, r => r.Asset.ExternalId), Texts(news, r => r.Asset.Name), Texts(news, r => r.Asset.Kind), Texts(news, r => r.Asset.Jurisdiction),
            Texts(news, r => r.Asset.Description), Array(news, r => r.Asset.Value), Texts(news, r => r.Asset.Currency), Array(news, r => r.Asset.ValueAsOf), Texts(news, r => r.Asset.Status.Wire()),
            Json(news, r => r.Asset.Attributes),
            Array(news, r => r.Asset.CreatedAt.UtcDateTime), Array(news, r => r.Asset.UpdatedAt.UtcDateTime), Array(news, r => r.Asset.Version));
        Add(batch, "valuations", ["id", "asset_id", "value", "currency", "as_of", "source", "created_at", "created_by"], news.Count,
            Array(news, r => r.Valuation.Id), Array(news, r => r.Valuation.AssetId), Array(news, r => r.Valuation.Value), Texts(news, r => r.Valuation.Currency), Array(news, r => r.Valuation.AsOf),
            Texts(news, r => r.Valuation.Source), Array(news, r => r.Valuation.CreatedAt.UtcDateTime), Texts(news, r => r.Valuation.CreatedBy));
        Add(batch, "audit", ["id", "at", "actor", "action", "subject_id", "asset_id", "after_hash", "event", "event_data"], audit.Count,
            Array(audit, a => a.Id), Array(audit, a => a.At.UtcDateTime), Texts(audit, a => a.Actor), Texts(audit, a => a.Action), Array(audit, a => a.SubjectId), Array(audit, a => a.AssetId!.Value),
            Array(audit, a => a.AfterHash!), Texts(audit, a => a.Event), Json(audit, a => a.EventData));
        await batch.PrepareAsync();
        foreach (var registration in news)
        {
            registration.Attempted = true;
        }
        await batch.ExecuteNonQueryAsync();
    }

    private static void Add(NpgsqlBatch batch, string table, string[] columns, int rows, params NpgsqlParameter[] values)
    {
        if (rows == 0)
        {
            return;
        }
        var command = new NpgsqlBatchCommand($"INSERT INTO {table} ({string.Join(", ", columns)}) SELECT * FROM unnest({string.Join(", ", Enumerable.Range(1, values.Length).Select(i => $"${i}"))})");
        command.Parameters.AddRange(values);
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<T[]> Array<TRow, T>(List<TRow> rows, Func<TRow, T> value) => new() { TypedValue = [.. rows.Select(value)] };

    private static NpgsqlParameter<string?[]> Json<TRow>(List<TRow> rows, Func<TRow, string?> value) =>
        new() { TypedValue = [.. rows.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };

    private static NpgsqlParameter<string?[]> Texts<TRow>(List<TRow> rows, Func<TRow, string?> value) => Array(rows, value);
}
