using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CardanoRwa.LoadTest;

/// <summary>Requests as bytes, made before the run; only {n} is written during it, in twelve digits where it stands.</summary>
internal sealed partial class RequestBytes
{
    private const string NumberMark = "{n}";
    private static readonly string Digits = new('0', 12);
    private readonly byte[][] _variants;
    private readonly int[][] _numbers;

    private RequestBytes(string name, int expect, byte[][] variants, int[][] numbers) => (Name, Expect, _variants, _numbers) = (name, expect, variants, numbers);

    public string Name { get; }

    /// <summary>The status of success.</summary>
    public int Expect { get; }

    /// <param name="name">Of the scenario.</param>
    /// <param name="model">What to send.</param>
    /// <param name="target">Where to, with credentials.</param>
    /// <param name="content">What its braces stand for.</param>
    public static RequestBytes Create(string name, RequestModel model, Target target, Content content)
    {
        var payload = model.Payload?.Replace("{run}", content.Run, StringComparison.Ordinal);
        var texts = Paths(name, model, content).Select(path =>
        {
            var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{model.Method} {path} HTTP/1.1\r\nHost: {target.Host}\r\n{target.Headers}");
            if (model.Method != "GET")
            {
                var length = Encoding.UTF8.GetByteCount(payload?.Replace(NumberMark, Digits, StringComparison.Ordinal) ?? "");
                text.Append(CultureInfo.InvariantCulture, $"Idempotency-Key: {content.Run}-{NumberMark}\r\nContent-Type: {model.MediaType}\r\nContent-Length: {length}\r\n");
            }
            return text.Append("\r\n").Append(payload).ToString();
        }).ToList();
        return new RequestBytes(
            name,
            model.Expect,
            [.. texts.Select(t => Encoding.UTF8.GetBytes(t.Replace(NumberMark, Digits, StringComparison.Ordinal)))],
            [.. texts.Select(Places)]);
    }

    /// <summary>The n-th request, written into a buffer of the caller.</summary>
    public ReadOnlyMemory<byte> Write(long number, ref byte[] buffer)
    {
        var variant = (int)(number % _variants.Length);
        var bytes = _variants[variant];
        if (_numbers[variant].Length == 0)
        {
            return bytes;
        }
        if (buffer.Length < bytes.Length)
        {
            buffer = new byte[bytes.Length * 2];
        }
        bytes.CopyTo(buffer, 0);
        foreach (var place in _numbers[variant])
        {
            _ = number.TryFormat(buffer.AsSpan(place, Digits.Length), out _, "D12", CultureInfo.InvariantCulture);
        }
        return buffer.AsMemory(0, bytes.Length);
    }

    private static List<string> Paths(string name, RequestModel model, Content content)
    {
        var path = model.Path.Replace("{run}", content.Run, StringComparison.Ordinal);
        if (Mark().Matches(path).Select(m => m.Groups[1].Value).SingleOrDefault(m => m != "n") is not { } mark)
        {
            return [path];
        }
        return content.Values.GetValueOrDefault(mark) is { Count: > 0 } values
            ? [.. values.Select(v => path.Replace($"{{{mark}}}", v, StringComparison.Ordinal))]
            : throw new InvalidDataException($"'{name}' needs {{{mark}}}, and there is none; create some assets first.");
    }

    private static int[] Places(string text)
    {
        var places = new List<int>();
        for (var at = text.IndexOf(NumberMark, StringComparison.Ordinal); at >= 0; at = text.IndexOf(NumberMark, at + 1, StringComparison.Ordinal))
        {
            places.Add(Encoding.UTF8.GetByteCount(text.AsSpan(0, at)) + (places.Count * (Digits.Length - NumberMark.Length)));
        }
        return [.. places];
    }

    [GeneratedRegex(@"\{([a-z]+)\}")]
    private static partial Regex Mark();
}
