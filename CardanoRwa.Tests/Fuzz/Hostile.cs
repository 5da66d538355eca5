using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CardanoRwa.Tests.Fuzz;

/// <summary>Makes input nobody would send by accident: deterministic by its seed.</summary>
internal sealed class Hostile(int seed)
{
    private static readonly string[] Strings =
    [
        "", " ", "\0", "a\0b", "'; DROP TABLE assets; --", "\" OR 1=1", "%00", "%", "{0}", "{}", "../../etc/passwd", "<script>alert(1)</script>", "\u202e\u0007\r\nX-Evil: 1",
        "\ud83d\ude00", "\ufffe", "ＵＳＤ", "null", "true", "-1", "0x10", "1e9999", "NaN", "9999-99-99", "2021-02-30", "0001-01-01", "9999-12-31T23:59:59.9999999+14:00",
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "\"1\"", "W/\"1\"", "*", new string('a', 301), new string('é', 5_000), new string('9', 400),
    ];

    private static readonly string[] Json =
    [
        "null", "true", "0", "-1", "1e400", "-0.0", "123456789012345678901234567890", "0.000000000000000000001", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[[[]]]]",
        "{\"a\":{\"b\":{\"c\":{}}}}", "{\"\\u0000\":1}", "{\"a\":1e500}", "{\"a\":1,\"a\":2}", "{\"$type\":\"System.Object\"}", "{\"__proto__\":1}",
    ];

    private readonly Random _random = new(seed);

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public string Text() => Chance(0.15) ? Noise() : Pick(Strings);

    /// <summary>A header value that HTTP lets through, hostile otherwise.</summary>
    public string Header() => new([.. Text().Where(c => c is >= ' ' and < '\x7f')]);

    /// <summary>A body built from a schema, with something wrong about it more often than not.</summary>
    public byte[] Body(JsonElement? schema, JsonElement document)
    {
        if (Chance(0.08))
        {
            var noise = new byte[_random.Next(0, 400)];
            _random.NextBytes(noise);
            return noise;
        }
        if (Chance(0.03))
        {
            return Encoding.UTF8.GetBytes($"{{\"name\":\"{new string('x', 400_000)}\",\"value\":1}}");
        }
        if (Chance(0.03))
        {
            return Encoding.UTF8.GetBytes(new string('[', _random.Next(1, 50_000)));
        }
        var text = schema is { } s ? Member(s, document, 0) : Pick(Json);
        if (Chance(0.1) && text.Length > 2)
        {
            text = text[.._random.Next(1, text.Length)];
        }
        return Encoding.UTF8.GetBytes(text);
    }

    private string Member(JsonElement schema, JsonElement document, int depth)
    {
        if (Chance(0.12))
        {
            return Pick(Json);
        }
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!.Split('/')[^1];
            return Member(document.GetProperty("components").GetProperty("schemas").GetProperty(name), document, depth);
        }
        var type = schema.TryGetProperty("type", out var t) ? t.ValueKind == JsonValueKind.Array ? Pick([.. t.EnumerateArray().Select(x => x.GetString()!)]) : t.GetString()! : "object";
        return type switch
        {
            "object" => Object(schema, document, depth),
            "array" => $"[{Pick(Json)}]",
            "number" or "integer" => Chance(0.6) ? _random.Next(-5, 1_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture) : Pick(Json),
            "boolean" => "true",
            "null" => "null",
            _ => JsonValue.Create(Chance(0.5) ? Pick(["a", "US-WA", "USD", "approved", "title", "2021-01-01"]) : Text())!.ToJsonString(),
        };
    }

    private string Object(JsonElement schema, JsonElement document, int depth)
    {
        var members = new List<string>();
        if (schema.TryGetProperty("properties", out var properties) && depth < 4)
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (!Chance(0.15))
                {
                    members.Add($"{JsonValue.Create(property.Name)!.ToJsonString()}:{Member(property.Value, document, depth + 1)}");
                }
            }
        }
        if (Chance(0.1))
        {
            members.Add($"{JsonValue.Create(Text())!.ToJsonString()}:{Pick(Json)}");
        }
        return "{" + string.Join(',', members) + "}";
    }

    private string Noise() => new([.. Enumerable.Range(0, _random.Next(1, 60)).Select(_ => (char)_random.Next(1, 0x2500))]);
}
