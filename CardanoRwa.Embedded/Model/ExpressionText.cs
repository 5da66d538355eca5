using System.Globalization;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Collects the pieces of a <see cref="ReferenceExpression"/> into a composite format string.</summary>
internal sealed class ExpressionText(int literalLength = 0, int valueCount = 0)
{
    private readonly StringBuilder _format = new(literalLength + (valueCount * 4));
    private readonly List<IValueProvider> _providers = new(valueCount);
    private readonly List<string> _expressions = new(valueCount);
    private readonly List<string?> _formats = new(valueCount);

    public bool IsEmpty => _format.Length == 0;

    public void Literal(string text) =>
        _format.Append(text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    public void Value(IValueProvider provider, string expression, string? format)
    {
        _format.Append(CultureInfo.InvariantCulture, $"{{{_providers.Count}}}");
        _providers.Add(provider);
        _expressions.Add(expression);
        _formats.Add(format);
    }

    public ReferenceExpression ToExpression() => new(_format.ToString(), [.. _providers], [.. _expressions], [.. _formats]);

    public static string Encode(string value, string? format) => format?.ToLowerInvariant() switch
    {
        null => value,
        "uri" => Uri.EscapeDataString(value),
        _ => throw new FormatException($"The format '{format}' is not supported here; 'uri' is."),
    };
}
