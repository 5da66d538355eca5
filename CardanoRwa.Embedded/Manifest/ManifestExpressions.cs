using System.Globalization;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Manifest;

/// <summary>
/// Turns values into the text a manifest has for them, and remembers what that text refers to and the model does not hold:
/// generated passwords, parameters under an encoding, conditional parts.
/// </summary>
internal sealed class ManifestExpressions(IEnumerable<IResource> model)
{
    private readonly HashSet<string> _names = new(model.Select(r => r.Name), StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, IResource> _referenced = [];
    private readonly Dictionary<ParameterResource, Dictionary<string, string>> _encoded = [];
    private readonly Dictionary<string, ReferenceExpression> _conditionals = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<object> _following = new(ReferenceEqualityComparer.Instance);

    public IReadOnlyCollection<IResource> Referenced => _referenced.Values;

    public IReadOnlyCollection<ReferenceExpression> Conditionals => _conditionals.Values;

    public IReadOnlyCollection<ParameterResource> Encoded => _encoded.Keys;

    /// <summary>The text of a value whose plain form is already known.</summary>
    public string Text(object? value, string plain)
    {
        Follow(value);
        return value is ReferenceExpression expression ? Text(expression) : plain;
    }

    public string Text(ReferenceExpression expression)
    {
        var parts = expression.ManifestExpressions.Select((text, i) =>
            expression.StringFormats[i] is { Length: > 0 } format && Parameter(expression.ValueProviders[i]) is { } parameter
                ? $"{{{EncodedName(parameter, format)}.value}}"
                : text);
        return string.Format(CultureInfo.InvariantCulture, expression.Format, [.. parts]);
    }

    /// <summary>The encoded forms of one parameter, each once.</summary>
    public IEnumerable<(string Name, string Filter)> TakeEncoded(ParameterResource parameter) =>
        _encoded.Remove(parameter, out var forms) ? forms.Select(f => (f.Value, f.Key)) : [];

    public void Follow(object? value)
    {
        if (value is ReferenceExpression expression)
            Register(expression);

        if (value is IResource resource)
        {
            _referenced.TryAdd(resource.Name, resource);
            _names.Add(resource.Name);
        }
        else if (value is IValueWithReferences references && _following.Add(value))
        {
            foreach (var reference in references.References)
                Follow(reference);
            _following.Remove(value);
        }
    }

    private void Register(ReferenceExpression expression)
    {
        if (expression is { IsConditional: true, Name: { } name })
        {
            _conditionals.TryAdd(name, expression);
            _names.Add(name);
            return;
        }

        for (var i = 0; i < expression.ValueProviders.Count; i++)
        {
            if (expression.StringFormats[i] is { Length: > 0 } format && Parameter(expression.ValueProviders[i]) is { } parameter)
                EncodedName(parameter, format);
        }
    }

    private string EncodedName(ParameterResource parameter, string format)
    {
        if (!_encoded.TryGetValue(parameter, out var forms))
            _encoded[parameter] = forms = [];
        if (forms.TryGetValue(format, out var known))
            return known;

        var wanted = $"{parameter.Name}-{Words(format)}-encoded";
        var name = wanted;
        for (var i = 1; !_names.Add(name); i++)
            name = $"{wanted}-{i}";
        return forms[format] = name;
    }

    // A parameter may come wrapped in an expression that is nothing else.
    private static ParameterResource? Parameter(object provider) => provider switch
    {
        ParameterResource parameter => parameter,
        ReferenceExpression { Format: "{0}", ValueProviders: [ParameterResource inner] } => inner,
        _ => null,
    };

    private static string Words(string format)
    {
        var words = new StringBuilder(format.Length);
        foreach (var c in format)
        {
            if (char.IsLetterOrDigit(c))
                words.Append(char.ToLowerInvariant(c));
            else if (words.Length > 0 && words[^1] != '-')
                words.Append('-');
        }

        return words.ToString().TrimEnd('-') is { Length: > 0 } name ? name : "formatted";
    }
}
