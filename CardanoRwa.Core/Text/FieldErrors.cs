using System.Text.Json;
using System.Text.RegularExpressions;

namespace CardanoRwa.Core.Text;

/// <summary>Collects every fault of an input before answering, so that a caller mends them in one go.</summary>
public sealed partial class FieldErrors
{
    private const decimal MoneyLimit = 1e20m;
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    public void Add(string field, string message)
    {
        if (!_errors.TryGetValue(field, out var messages))
        {
            _errors[field] = messages = [];
        }
        messages.Add(message);
    }

    /// <summary>One line of text: trimmed length from <paramref name="min"/> to <paramref name="max"/>, no control characters.</summary>
    public void Line(string field, string? text, int max, int min = 0)
    {
        if (text is null)
        {
            if (min > 0)
            {
                Add(field, "is required");
            }
            return;
        }
        if (text.Trim().Length < min)
        {
            Add(field, "must not be empty");
        }
        Length(field, text, max);
        if (text.AsSpan().ContainsAnyInRange('\0', '\x1f') || text.Contains('\x7f'))
        {
            Add(field, "must not contain control characters");
        }
    }

    /// <summary>Text of several lines; NUL, which Postgres cannot store, is refused.</summary>
    public void Prose(string field, string? text, int max)
    {
        if (text is null)
        {
            return;
        }
        Length(field, text, max);
        if (text.Contains('\0'))
        {
            Add(field, "must not contain NUL characters");
        }
    }

    public void Slug(string field, string? text)
    {
        if (text is not null && !SlugPattern().IsMatch(text))
        {
            Add(field, "must be 1 to 40 lower-case letters, digits, '_' or '-', beginning with a letter");
        }
    }

    public void Jurisdiction(string field, string? code)
    {
        if (code is not null && !JurisdictionPattern().IsMatch(code))
        {
            Add(field, "must be an ISO 3166 code such as 'US' or 'US-WA'");
        }
    }

    public void Money(string field, decimal? value)
    {
        if (value is null)
        {
            Add(field, "is required");
        }
        else if (value < 0 || value >= MoneyLimit || value.Value.Scale > 8 && decimal.Round(value.Value, 8) != value)
        {
            Add(field, "must be from 0 to below 1e20 with at most 8 decimals");
        }
    }

    public void Currency(string field, string? code)
    {
        if (code is not null && !Iso4217.IsActive(code))
        {
            Add(field, "must be an active ISO 4217 code such as 'USD'");
        }
    }

    /// <summary>A JSON object of at most 64 KB and 200 members.</summary>
    public void Attributes(string field, JsonElement? json)
    {
        if (json is not { } element)
        {
            return;
        }
        if (element.ValueKind != JsonValueKind.Object)
        {
            Add(field, "must be a JSON object");
        }
        else if (element.GetRawText().Length > 65_536 || element.GetPropertyCount() > 200)
        {
            Add(field, "must have at most 200 members and 65,536 characters");
        }
        else if (JsonLimits.Fault(element) is { } fault)
        {
            Add(field, fault);
        }
    }

    /// <summary>Null when nothing was wrong.</summary>
    public Refusal? ToRefusal() => _errors.Count == 0
        ? null
        : new Refusal(RefusalKind.Invalid, "validation_failed", "The request has invalid fields.", "Correct the fields named under 'errors' and send the request again.")
        {
            Errors = _errors.ToDictionary(e => e.Key, e => e.Value.ToArray(), StringComparer.Ordinal),
        };

    private void Length(string field, string text, int max)
    {
        if (text.Length > max)
        {
            Add(field, $"must have at most {max} characters");
        }
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_-]{0,39}\z")]
    private static partial Regex SlugPattern();

    [GeneratedRegex(@"\A[A-Z]{2}(-[A-Z0-9]{1,3})?\z")]
    private static partial Regex JurisdictionPattern();
}
