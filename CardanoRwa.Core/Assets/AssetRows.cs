using CardanoRwa.Core.Text;
using Npgsql;

namespace CardanoRwa.Core.Assets;

/// <summary>
/// The two questions that nearly all reads are, as prepared statements past EF Core, which takes longer to make its query than Postgres to answer it.
/// Every column is named: 'SELECT *' would fail once when a migration adds one under a running process.
/// </summary>
internal static class AssetRows
{
    private const string Columns = "id, name, value, currency, value_as_of, kind, jurisdiction, external_id, description, attributes, status, retired_reason, created_at, updated_at, version";

    private static readonly int[] Sizes = [21, 51, 101, AssetQuery.MaxLimit + 1];

    public const string ByIds = $"SELECT {Columns} FROM assets WHERE id = ANY($1)";

    /// <summary>Whether a page needs nothing but an order and a place in it.</summary>
    public static bool IsPlain(AssetQuery q) =>
        q is { Status: null, Kind: null, Jurisdiction: null, ExternalId: null, MinValue: null, MaxValue: null, Attributes.Count: 0 } && string.IsNullOrWhiteSpace(q.Text);

    /// <summary>
    /// At least one row more than asked for, which tells whether there is a next page. The limit is written out, for a prepared plan could not count on a
    /// parameter; of a few sizes, so that a connection holds few statements.
    /// </summary>
    public static NpgsqlBatchCommand Page(AssetQuery query)
    {
        var (column, direction, comparison) = query.Sort switch
        {
            AssetSort.CreatedAt => ("created_at", "", ">"),
            AssetSort.CreatedAtDescending => ("created_at", " DESC", "<"),
            AssetSort.Value => ("value", "", ">"),
            AssetSort.ValueDescending => ("value", " DESC", "<"),
            AssetSort.Name => ("name", "", ">"),
            _ => ("name", " DESC", "<"),
        };
        var where = query.After is null ? "" : $"WHERE ({column}, id) {comparison} ($1, $2) ";
        var command = new NpgsqlBatchCommand($"SELECT {Columns} FROM assets {where}ORDER BY {column}{direction}, id{direction} LIMIT {Sizes.First(size => size > query.Limit)}");
        if (query.After is { } after)
        {
            command.Parameters.Add(column switch
            {
                "created_at" => new NpgsqlParameter<DateTime> { TypedValue = after.CreatedAt.UtcDateTime },
                "value" => new NpgsqlParameter<decimal> { TypedValue = after.Value },
                _ => new NpgsqlParameter<string> { TypedValue = after.Key },
            });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Id });
        }
        return command;
    }

    public static AssetView Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetDecimal(2), row.GetString(3), row.GetFieldValue<DateOnly>(4), row.GetString(5), Text(row, 6), Text(row, 7), Text(row, 8),
        new RawJson(row.GetString(9)), row.GetString(10), Text(row, 11), row.GetFieldValue<DateTimeOffset>(12), row.GetFieldValue<DateTimeOffset>(13), row.GetInt32(14));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
