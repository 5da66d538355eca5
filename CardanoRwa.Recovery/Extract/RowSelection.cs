namespace CardanoRwa.Recovery.Extract;

/// <summary>Which rows of which tables belong together: conditions in SQL, one a table, each made of those of the tables it hangs on.</summary>
internal sealed class RowSelection
{
    private readonly Dictionary<string, List<string>> _conditions = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<Reference> _references;
    private readonly HashSet<Reference> _downward = [];

    private RowSelection(IReadOnlyList<Reference> references) => _references = references;

    /// <param name="table">Where it begins.</param>
    /// <param name="where">Which of its rows; all where null.</param>
    /// <param name="references">Those to follow; empty for the table alone.</param>
    /// <param name="also">Tables that come with a row which another refers to.</param>
    public static RowSelection Of(string table, string? where, IReadOnlyList<Reference> references, IReadOnlyCollection<string> also)
    {
        var selection = new RowSelection(references);
        selection.Add(table, where is null ? "true" : $"({where})");
        selection.Down(table, where is null ? "true" : $"({where})", [table], _ => true);
        foreach (var (found, conditions) in selection._conditions.Select(c => (c.Key, string.Join(" OR ", c.Value))).ToList())
        {
            selection.Up(found, conditions, [found], also);
        }
        return selection;
    }

    public string Condition(string table) => string.Join(" OR ", _conditions[table].Distinct(StringComparer.Ordinal));

    /// <summary>Each table after those that it refers to, so that its rows can be written.</summary>
    public IReadOnlyList<string> InOrder()
    {
        var order = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in _conditions.Keys.Order(StringComparer.Ordinal))
        {
            Visit(table);
        }
        return order;

        void Visit(string table)
        {
            if (!_conditions.ContainsKey(table) || !seen.Add(table))
            {
                return;
            }
            foreach (var reference in _references.Where(r => r.Child == table))
            {
                Visit(reference.Parent);
            }
            order.Add(table);
        }
    }

    // No table twice on a way: a cycle of references would have no end.
    private void Down(string table, string condition, IReadOnlyList<string> way, Func<Reference, bool> isWanted)
    {
        foreach (var reference in _references.Where(r => r.Parent == table && !way.Contains(r.Child) && isWanted(r)))
        {
            _downward.Add(reference);
            var refers = $"({string.Join(", ", reference.Columns)}) IN (SELECT {string.Join(", ", reference.Key)} FROM {table} WHERE {condition})";
            Add(reference.Child, refers);
            Down(reference.Child, refers, [.. way, reference.Child], isWanted);
        }
    }

    private void Up(string table, string condition, IReadOnlyList<string> way, IReadOnlyCollection<string> also)
    {
        foreach (var reference in _references.Where(r => r.Child == table && !_downward.Contains(r) && !way.Contains(r.Parent)).ToList())
        {
            var referred = $"({string.Join(", ", reference.Key)}) IN (SELECT {string.Join(", ", reference.Columns)} FROM {table} WHERE {condition})";
            Add(reference.Parent, referred);
            Up(reference.Parent, referred, [.. way, reference.Parent], also);
            Down(reference.Parent, referred, [.. way, reference.Parent], r => also.Contains(r.Child));
        }
    }

    private void Add(string table, string condition)
    {
        if (!_conditions.TryGetValue(table, out var conditions))
        {
            _conditions[table] = conditions = [];
        }
        conditions.Add(condition);
    }
}
