using System.Text.RegularExpressions;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Imports;

/// <summary>
/// Which columns make which field: each field is a template such as 'Parcel {id}, {zipcode}'. A field without a template
/// takes the column of its own name. Columns that are not a field by themselves become attributes, unless told otherwise.
/// </summary>
public sealed partial class ImportMapping
{
    public static readonly IReadOnlyList<string> Fields = ["externalId", "name", "value", "currency", "kind", "jurisdiction", "description", "asOf"];

    private readonly Dictionary<string, string> _templates = new(StringComparer.Ordinal);

    /// <summary>A .NET date format for asOf; ISO 8601 (yyyy-MM-dd) when absent.</summary>
    public string AsOfFormat { get; private init; } = "yyyy-MM-dd";

    /// <summary>The columns that become attributes; null: the rest.</summary>
    public IReadOnlySet<string>? AttributeColumns { get; private init; }

    public static Result<ImportMapping> Parse(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var errors = new FieldErrors();
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        var format = "yyyy-MM-dd";
        IReadOnlySet<string>? attributes = null;
        foreach (var (name, value) in parameters)
        {
            errors.Line(name, value, max: 1_000);
            if (name == "asOfFormat")
            {
                format = value;
                CheckFormat(value, errors);
            }
            else if (name == "attributes")
            {
                attributes = value == "*" ? null : value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
            }
            else if (!Fields.Contains(name))
            {
                errors.Add(name.Length > 100 ? name[..100] : name, $"is not a field of an import; there are {string.Join(", ", Fields)}, asOfFormat and attributes");
            }
            else if (!templates.TryAdd(name, value))
            {
                errors.Add(name, "must be given once");
            }
        }
        if (errors.ToRefusal() is { } refusal)
        {
            return refusal;
        }
        var mapping = new ImportMapping { AsOfFormat = format, AttributeColumns = attributes };
        foreach (var (field, template) in templates)
        {
            mapping._templates[field] = template;
        }
        return mapping;
    }

    /// <summary>The field's text in this row; null if its columns are absent or empty.</summary>
    public string? Text(string field, SourceRow row)
    {
        if (!_templates.TryGetValue(field, out var template))
        {
            return row.Text(field);
        }
        if (WholeColumn(template) is { } column)
        {
            return row.Text(column);
        }
        return Placeholder().Replace(template, match => row.Text(match.Groups[1].Value) ?? "");
    }

    public bool IsAttribute(string column) => AttributeColumns?.Contains(column) ?? !IsField(column);

    private bool IsField(string column)
    {
        foreach (var field in Fields)
        {
            if (_templates.TryGetValue(field, out var template) ? WholeColumn(template) == column : field == column)
            {
                return true;
            }
        }
        return false;
    }

    private static string? WholeColumn(string template) =>
        template.Length > 2 && template[0] == '{' && template.IndexOf('}', StringComparison.Ordinal) == template.Length - 1 ? template[1..^1] : null;

    private static void CheckFormat(string format, FieldErrors errors)
    {
        try
        {
            _ = DateOnly.MinValue.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            errors.Add("asOfFormat", "must be a .NET date format such as 'M/d/yyyy'");
        }
    }

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Placeholder();
}
