using System.Security.Cryptography;

namespace CardanoRwa.Recovery.Keys;

/// <summary>The private side of a recipient: it opens data keys. Kept in a file, or on paper as <see cref="PaperKey"/>.</summary>
public sealed class Identity : IDisposable
{
    private readonly ECDiffieHellman _key;

    private Identity(ECDiffieHellman key) => (_key, Recipient) = (key, Recipient.Of(key));

    public Recipient Recipient { get; }

    public static Identity New() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>What to print and lock away.</summary>
    public string ToPaper()
    {
        var secret = _key.ExportParameters(true).D!;
        var text = PaperKey.Write(secret);
        CryptographicOperations.ZeroMemory(secret);
        return text;
    }

    public static Outcome<Identity> FromPaper(string text)
    {
        if (PaperKey.Read(text).IsRefused(out var refusal, out var secret))
        {
            return refusal;
        }
        try
        {
            return new Identity(ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret }));
        }
        catch (CryptographicException)
        {
            return new RecoveryRefusal("key.mistyped", "This is no key of ours: it is outside the curve's range.", "Compare it with the paper, group by group.");
        }
    }

    /// <summary>Writes a key file that only its owner may read; refuses to replace one.</summary>
    public async Task<Outcome<string>> SaveAsync(string path, CancellationToken cancellationToken)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }
        // Whoever reads it finds it whole or not at all.
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        try
        {
            await using (var file = new FileStream(unfinished, options))
            await using (var writer = new StreamWriter(file))
            {
                await writer.WriteAsync($"# Opens the backups. Keep a copy elsewhere: without it, or another recipient's key, they are lost.\n# public: {Recipient}\n{ToPaper()}\n".AsMemory(), cancellationToken);
                await writer.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: false);
            return path;
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(unfinished);
            return new RecoveryRefusal("key.exists", $"There is a file {path} already.", "A key file is never replaced: backups may depend on it. Give another path.");
        }
    }

    public static async Task<Outcome<Identity>> LoadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return new RecoveryRefusal("key.no-file", $"There is no key file {path}.", "Set Recovery:IdentityFile to the key file, or type the recovery key with --recovery-key.");
        }
        var lines = await File.ReadAllLinesAsync(path, cancellationToken);
        var text = string.Concat(lines.Where(l => !l.StartsWith('#')));
        return FromPaper(text).IsRefused(out var refusal, out var identity)
            ? refusal with { Code = "key.damaged-file", Detail = $"{path}: {refusal.Detail}" }
            : identity;
    }

    /// <summary>Null when this was wrapped for somebody else or was altered.</summary>
    internal DataKey? Unwrap(string dataKeyId, WrappedKey wrapped) => KeyWrap.Unwrap(_key, Recipient, dataKeyId, wrapped);

    public void Dispose() => _key.Dispose();
}
