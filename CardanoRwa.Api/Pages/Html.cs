using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace CardanoRwa.Api.Pages;

/// <summary>Text that is HTML already. The only way to it from other text is <see cref="Of"/>, which encodes all that is filled in.</summary>
internal readonly struct Html
{
    private readonly string? _text;

    private Html(string text) => _text = text;

    public static Html Empty => default;

    public static Html Of(ref HtmlTemplate template) => new(template.ToText());

    public static Html All<T>(IEnumerable<T> items, Func<T, Html> each)
    {
        var text = new StringBuilder();
        foreach (var item in items)
        {
            text.Append(each(item)._text);
        }
        return new Html(text.ToString());
    }

    public override string ToString() => _text ?? "";
}

/// <summary>An interpolated string whose holes are encoded unless they are <see cref="Html"/>; numbers and times are written the same everywhere.</summary>
[InterpolatedStringHandler]
internal readonly ref struct HtmlTemplate
{
    private readonly StringBuilder _text;

    public HtmlTemplate(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + formattedCount * 16);

    public void AppendLiteral(string text) => _text.Append(text);

    public void AppendFormatted(Html html) => _text.Append(html.ToString());

    public void AppendFormatted(string? text) => _text.Append(HtmlEncoder.Default.Encode(text ?? ""));

    public void AppendFormatted<T>(T value, string? format = null) where T : IFormattable => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    public string ToText() => _text.ToString();
}
