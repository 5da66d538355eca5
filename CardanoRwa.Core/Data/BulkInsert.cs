using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace CardanoRwa.Core.Data;

/// <summary>Inserts many rows of a mapped entity by binary COPY, inside the context's transaction.</summary>
internal static class BulkInsert
{
    public static async Task CopyAsync<T>(RwaDbContext db, IReadOnlyCollection<T> entities, CancellationToken cancellationToken) where T : class
    {
        if (entities.Count == 0)
        {
            return;
        }
        var type = db.Model.FindEntityType(typeof(T))!;
        var columns = type.GetProperties().Where(p => p.ValueGenerated != ValueGenerated.OnAddOrUpdate && p.GetDefaultValueSql() is null && p.GetValueGenerationStrategy() != NpgsqlValueGenerationStrategy.IdentityAlwaysColumn).Select(p => new Column(p)).ToArray();
        var names = string.Join(", ", columns.Select(c => c.Name));
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var copy = await connection.BeginBinaryImportAsync($"COPY {type.GetTableName()} ({names}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var entity in entities)
        {
            await copy.StartRowAsync(cancellationToken);
            foreach (var column in columns)
            {
                if (column.Read(entity) is { } value)
                {
                    await copy.WriteAsync(value, column.DataType, cancellationToken);
                }
                else
                {
                    await copy.WriteNullAsync(cancellationToken);
                }
            }
        }
        await copy.CompleteAsync(cancellationToken);
    }

    private sealed class Column(IProperty property)
    {
        private readonly Func<object, object?> _get = property.GetGetter().GetClrValueUsingContainingEntity;
        private readonly Func<object?, object?>? _convert = property.GetTypeMapping().Converter?.ConvertToProvider;

        public string Name { get; } = property.GetColumnName();

        // 'char' alone is another type to the protocol than the char(n) of SQL.
        public string DataType { get; } = property.GetRelationalTypeMapping().StoreTypeNameBase is var name && name == "char" ? "character" : name;

        public object? Read(object entity)
        {
            var value = _get(entity);
            return value is null || _convert is null ? value : _convert(value);
        }
    }
}
