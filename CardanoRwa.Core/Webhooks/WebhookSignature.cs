using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CardanoRwa.Core.Webhooks;

/// <summary>The Rwa-Signature header: <c>t=UNIX,v1=HEX</c>, HMAC-SHA256 by the secret over 't.body'; during a rotation v1 stands twice.</summary>
public static class WebhookSignature
{
    public const string Header = "Rwa-Signature";

    public static string Sign(IEnumerable<string> secrets, DateTimeOffset at, string body)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={time},{string.Join(',', secrets.Select(s => $"v1={Convert.ToHexStringLower(Mac(s, time, body))}"))}";
    }

    /// <summary>What a receiver does: the right MAC, and not older than it is willing to believe.</summary>
    public static bool Verify(string header, string secret, string body, DateTimeOffset now, TimeSpan tolerance)
    {
        var parts = header.Split(',').Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToLookup(p => p[0], p => p[1]);
        return long.TryParse(parts["t"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && Math.Abs(now.ToUnixTimeSeconds() - time) <= tolerance.TotalSeconds
            && parts["v1"].Any(hex => CryptographicOperations.FixedTimeEquals(
                Encoding.ASCII.GetBytes(hex), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Mac(secret, time.ToString(CultureInfo.InvariantCulture), body)))));
    }

    private static byte[] Mac(string secret, string time, string body) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
}
