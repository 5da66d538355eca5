using System.Buffers.Text;
using System.Security.Cryptography;

namespace CardanoRwa.Recovery.Keys;

/// <summary>Somebody for whom data keys are wrapped: a P-256 public key, written as <c>p256:</c> and its X and Y in base64url. No secret.</summary>
public sealed class Recipient
{
    private const string Prefix = "p256:";
    private const int CoordinateLength = 32;

    private Recipient(byte[] point)
    {
        Point = point;
        Id = Convert.ToHexStringLower(SHA256.HashData(point).AsSpan(0, 8));
    }

    /// <summary>A fingerprint of the key, 8 bytes in hex.</summary>
    public string Id { get; }

    internal byte[] Point { get; }

    public override string ToString() => Prefix + Base64Url.EncodeToString(Point);

    public static Outcome<Recipient> Parse(string text)
    {
        text = text.Trim();
        var bytes = new byte[2 * CoordinateLength];
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || !Base64Url.TryDecodeFromChars(text.AsSpan(Prefix.Length), bytes, out var count) || count != bytes.Length)
        {
            return Invalid();
        }
        try
        {
            // Importing checks that the point is on the curve.
            using var key = Of(bytes).OpenPublic();
            return Of(bytes);
        }
        catch (CryptographicException)
        {
            return Invalid();
        }

        static RecoveryRefusal Invalid() => new("key.recipient", "A recipient is 'p256:' and 86 letters, digits, '-' or '_'.", "Copy it whole from what 'keys new' printed.");
    }

    internal static Recipient Of(byte[] point) => new(point);

    internal static Recipient Of(ECDiffieHellman key)
    {
        var q = key.ExportParameters(false).Q;
        return new Recipient([.. q.X!, .. q.Y!]);
    }

    internal ECDiffieHellman OpenPublic() => ECDiffieHellman.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Point[..CoordinateLength], Y = Point[CoordinateLength..] },
    });
}
