using System.Data;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting.Processing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Core.ChainSnapshots;

/// <summary>
/// Writes down what the chain says of the registry's policies and what the registry says itself, as lines of JSON under one Merkle root:
/// each policy's script, supply and holders, the transactions since the snapshot before, and every row of the registry.
/// </summary>
public sealed class ChainSnapshotWriter(RwaDbContext db, ICardanoProvider provider, IChainIndex index, IOptions<ChainOptions> chain, TimeProvider clock)
{
    private const int Tries = 3;

    // What the registry is; not who may sign in, nor what was only on its way.
    private static readonly string[] Exported = ["assets", "valuations", "compliance_records", "evidence", "tokens", "operations", "chain_transactions", "transaction_operations"];

    public async Task<SnapshotSummary> WriteAsync(Stream output, long sinceHeight, CancellationToken cancellationToken)
    {
        var read = await ReadChainAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var facts = await FactsAsync(connection, cancellationToken);
        var lines = new SnapshotLines(output);
        var header = new SnapshotHeader(SnapshotHeader.CurrentVersion, chain.Value.Network, clock.GetUtcNow(), facts.SystemId, facts.Database, facts.Lsn, Of(read.Before), Of(read.After), sinceHeight);
        await lines.WriteAsync(header, cancellationToken);
        foreach (var policy in read.Policies)
        {
            await lines.WriteAsync(policy, cancellationToken);
        }
        var holders = 0;
        foreach (var unit in read.Units)
        {
            await lines.WriteAsync(unit.Line, cancellationToken);
            foreach (var holder in unit.Holders)
            {
                await lines.WriteAsync(holder, cancellationToken);
                holders++;
            }
        }
        var transactions = await CopyAsync(connection, lines, $"""
            SELECT json_build_object('type', 'transaction', 'id', id, 'height', block_height, 'slot', block_slot, 'block', block_hash, 'operations', operations)::text
            FROM chain_transactions WHERE block_height > {sinceHeight.ToString(System.Globalization.CultureInfo.InvariantCulture)} ORDER BY block_height, sequence
            """, cancellationToken);
        long rows = 0;
        foreach (var table in Exported)
        {
            rows += await CopyAsync(connection, lines, $"SELECT json_build_object('type', 'row', 'table', '{table}', 'row', to_jsonb(t))::text FROM {table} t ORDER BY t::text COLLATE \"C\"", cancellationToken);
        }
        var root = await lines.EndAsync(cancellationToken);
        return new SnapshotSummary(header, root, lines.Count, read.Policies.Count, read.Units.Count, holders, transactions, rows);
    }

    /// <summary>At one block, if the chain stands still for as long as it takes.</summary>
    private async Task<ChainRead> ReadChainAsync(CancellationToken cancellationToken)
    {
        var tokens = await db.Tokens.AsNoTracking().ToListAsync(cancellationToken);
        var policies = tokens.GroupBy(t => t.PolicyId).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new PolicyLine("policy", g.Key, Convert.ToHexStringLower(g.First().PolicyScript))).ToList();
        for (var attempt = 1; ; attempt++)
        {
            var before = await provider.GetTipAsync(cancellationToken);
            var units = new List<UnitRead>();
            foreach (var policy in policies)
            {
                await foreach (var unit in index.GetAssetsOfPolicyAsync(Hash28.Parse(policy.Policy), cancellationToken))
                {
                    units.Add(await ReadUnitAsync(unit, cancellationToken));
                }
            }
            var after = await provider.GetTipAsync(cancellationToken);
            if (after.Hash.Equals(before.Hash) || attempt == Tries)
            {
                return new ChainRead(before, after, policies, [.. units.OrderBy(u => u.Line.Unit, StringComparer.Ordinal)]);
            }
        }
    }

    private async Task<UnitRead> ReadUnitAsync(AssetId unit, CancellationToken cancellationToken)
    {
        var info = await index.GetAssetAsync(unit, cancellationToken);
        var holders = new List<HolderLine>();
        await foreach (var holder in index.GetHoldersAsync(unit, cancellationToken))
        {
            holders.Add(new HolderLine("holder", unit.ToString(), holder.Address, holder.Quantity.ToString()));
        }
        return new UnitRead(new UnitLine("unit", unit.ToString(), (info?.Supply ?? 0).ToString(), info?.MintOrBurnCount ?? 0, info?.FirstMint.ToString()), [.. holders.OrderBy(h => h.Address, StringComparer.Ordinal)]);
    }

    private static async Task<(string SystemId, string Database, string Lsn)> FactsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT (SELECT system_identifier::text FROM pg_control_system()), current_database(), pg_current_wal_lsn()::text", connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetString(0), row.GetString(1), row.GetString(2));
    }

    private static async Task<int> CopyAsync(NpgsqlConnection connection, SnapshotLines lines, string query, CancellationToken cancellationToken)
    {
        var count = 0;
        await using var command = new NpgsqlCommand(query, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            await lines.WriteRawAsync(reader.GetString(0), cancellationToken);
            count++;
        }
        return count;
    }

    private static SnapshotBlock Of(ChainPoint point) => new(point.Hash.ToString(), (long)(point.Height ?? 0), (long)point.Slot);

    private sealed record PolicyLine(string Type, string Policy, string Script);

    private sealed record UnitLine(string Type, string Unit, string Supply, int Changes, string? FirstMint);

    private sealed record HolderLine(string Type, string Unit, string Address, string Quantity);

    private sealed record UnitRead(UnitLine Line, IReadOnlyList<HolderLine> Holders);

    private sealed record ChainRead(ChainPoint Before, ChainPoint After, IReadOnlyList<PolicyLine> Policies, IReadOnlyList<UnitRead> Units);
}
