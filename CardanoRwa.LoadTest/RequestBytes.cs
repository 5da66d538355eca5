using System.Globalization;
using System.Text;

namespace CardanoRwa.LoadTest;

/// <summary>Requests as bytes, made before the run; only {n} is written during it, in twelve digits where it stands.</summary>
internal sealed class RequestBytes
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
    /// <param name="host">For the Host header.</param>
    /// <param name="headers">Credentials, each with its line end.</param>
    /// <param name="run">Makes keys unique between runs.</param>
    /// <param name="assets">What {asset} stands for.</param>
    /// <param name="cursors">What {cursor} stands for.</param>
    public static RequestBytes Create(string name, RequestModel model, string host, string headers, string run, IReadOnlyList<string> assets, IReadOnlyList<string> cursors)
    {
        var (mark, values) = model.Path.Contains("{asset}", StringComparison.Ordinal) ? ("{asset}", assets)
            : model.Path.Contains("{cursor}", StringComparison.Ordinal) ? ("{cursor}", cursors)
            : ("{asset}", [""]);
        if (values.Count == 0)
        {
            throw new InvalidDataException($"'{name}' needs {mark}, and the listing gave none; create some assets first.");
        }
        var body = model.Body?.ToJsonString().Replace(NumberMark, Digits, StringComparison.Ordinal);
        var texts = values.Select(value =>
        {
            var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{model.Method} {model.Path.Replace(mark, value, StringComparison.Ordinal)} HTTP/1.1\r\nHost: {host}\r\n{headers}");
            if (model.Method != "GET")
            {
                text.Append(CultureInfo.InvariantCulture, $"Idempotency-Key: {run}-{NumberMark}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body ?? "")}\r\n");
            }
            return text.Append("\r\n").Append(model.Body?.ToJsonString()).ToString();
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

    private static int[] Places(string text)
    {
        var places = new List<int>();
        for (var at = text.IndexOf(NumberMark, StringComparison.Ordinal); at >= 0; at = text.IndexOf(NumberMark, at + 1, StringComparison.Ordinal))
        {
            places.Add(Encoding.UTF8.GetByteCount(text.AsSpan(0, at)) + (places.Count * (Digits.Length - NumberMark.Length)));
        }
        return [.. places];
    }
}
