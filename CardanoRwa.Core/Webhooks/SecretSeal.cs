using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Webhooks;

/// <summary>Seals webhooks' secrets for the database: AES-256-GCM, bound to the webhook's id. A copy of the table alone signs nothing.</summary>
public sealed class SecretSeal(IOptions<WebhookOptions> options, IHostEnvironment environment)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    // Known to everyone who has the source; Development only.
    private static readonly byte[] DevelopmentKey = SHA256.HashData("rwa-dev-sealing-key"u8);

    private readonly byte[]? _key = options.Value.SealingKey is { } key ? Convert.FromBase64String(key) : environment.IsDevelopment() ? DevelopmentKey : null;

    public bool IsConfigured => _key is not null;

    public byte[] Seal(Guid webhookId, string secret)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var sealedBytes = new byte[NonceSize + plain.Length + TagSize];
        var nonce = sealedBytes.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key!, TagSize);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(NonceSize, plain.Length), sealedBytes.AsSpan(NonceSize + plain.Length), webhookId.ToByteArray());
        return sealedBytes;
    }

    /// <exception cref="CryptographicException">Another key sealed it, or it was changed.</exception>
    public string Open(Guid webhookId, ReadOnlySpan<byte> sealedBytes)
    {
        var plain = new byte[sealedBytes.Length - NonceSize - TagSize];
        using var aes = new AesGcm(_key ?? throw new CryptographicException("Webhooks:SealingKey is not set."), TagSize);
        aes.Decrypt(sealedBytes[..NonceSize], sealedBytes.Slice(NonceSize, plain.Length), sealedBytes[^TagSize..], plain, webhookId.ToByteArray());
        return Encoding.UTF8.GetString(plain);
    }
}

internal sealed class WebhookOptionsCheck : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var bytes = new byte[64];
        return options.SealingKey is null || Convert.TryFromBase64String(options.SealingKey, bytes, out var size) && size == 32
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Webhooks:SealingKey is the base64 of 32 bytes, such as 'openssl rand -base64 32' prints.");
    }
}
