using System.Globalization;
using Npgsql;

namespace CardanoRwa.Worker.Analysis;

/// <summary>Asks the sheet's questions of the registry's database and turns the answers into advice.</summary>
public sealed class DatabaseAnalysis(NpgsqlDataSource source)
{
    private const string Statements = "pg_stat_statements";

    public async Task<AnalysisReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var counted = await CountsStatementsAsync(connection, cancellationToken);
        var answers = new List<SheetAnswer>();
        foreach (var question in QuerySheet.Read().Where(q => counted || !q.Sql.Contains(Statements, StringComparison.Ordinal)))
        {
            await using var command = new NpgsqlCommand(question.Sql, connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
            var rows = new List<IReadOnlyList<object?>>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
            }
            answers.Add(new SheetAnswer(question.Name, question.About, columns, rows));
        }
        return new AnalysisReport(answers, [.. Advice.Of(answers, counted)]);
    }

    /// <summary>Makes the extension where this user may; where the server did not load its library, nothing can be counted.</summary>
    private static async Task<bool> CountsStatementsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var there = new NpgsqlCommand($"SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = '{Statements}')", connection);
        await using var loaded = new NpgsqlCommand("SELECT current_setting('shared_preload_libraries') ~ 'pg_stat_statements'", connection);
        try
        {
            if (await loaded.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return false;
            }
            if (await there.ExecuteScalarAsync(cancellationToken) is not true)
            {
                await using var create = new NpgsqlCommand($"CREATE EXTENSION IF NOT EXISTS {Statements}", connection);
                await create.ExecuteNonQueryAsync(cancellationToken);
            }
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            return false; // said as advice
        }
    }
}

/// <param name="Name">Of the question.</param>
/// <param name="About">What it tells.</param>
/// <param name="Columns">Names.</param>
/// <param name="Rows">Values in their order.</param>
public sealed record SheetAnswer(string Name, string About, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows)
{
    public T Get<T>(IReadOnlyList<object?> row, string column) where T : notnull
    {
        var value = row[Columns.ToList().IndexOf(column)];
        return value is null ? default! : (T)Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture);
    }
}

/// <param name="Answers">Of the sheet.</param>
/// <param name="Findings">What to do about them; empty when there is nothing.</param>
public sealed record AnalysisReport(IReadOnlyList<SheetAnswer> Answers, IReadOnlyList<AnalysisFinding> Findings);

/// <param name="Code">Stable, such as unused_index.</param>
/// <param name="Subject">The table, index or statement.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Advice">What to do.</param>
public sealed record AnalysisFinding(string Code, string Subject, string Detail, string Advice);
