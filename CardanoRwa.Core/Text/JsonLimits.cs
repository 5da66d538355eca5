using System.Text.Json;

namespace CardanoRwa.Core.Text;

/// <summary>What of JSON Postgres' jsonb cannot hold: NUL and half surrogate pairs in text, and numbers beyond a sane width.</summary>
internal static class JsonLimits
{
    private const int MaxDepth = 16;

    public static string? Fault(JsonElement element)
    {
        try
        {
            return Fault(element, 0);
        }
        catch (InvalidOperationException)
        {
            // How JsonElement answers for an escape such as \ud800 without its other half.
            return "must hold valid Unicode text";
        }
    }

    private static string? Fault(JsonElement element, int depth)
    {
        if (depth > MaxDepth)
        {
            return $"must nest at most {MaxDepth} levels";
        }
        switch (element.ValueKind)
        {
            case JsonValueKind.String when element.GetString()!.Contains('\0'):
                return "must not contain NUL characters";
            case JsonValueKind.Number when !element.TryGetDecimal(out _):
                return "must hold numbers of at most 28 digits";
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    if (Fault(item, depth + 1) is { } fault)
                    {
                        return fault;
                    }
                }
                return null;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (member.Name.Contains('\0'))
                    {
                        return "must not contain NUL characters";
                    }
                    if (Fault(member.Value, depth + 1) is { } fault)
                    {
                        return fault;
                    }
                }
                return null;
            default:
                return null;
        }
    }
}
