using System.Security.Cryptography;
using CardanoRwa.Ipfs;
using CardanoRwa.Storage;

namespace CardanoRwa.Core.Evidence;

/// <summary>
/// An upload on its way: hashed as it comes, and kept in a file without a name until its own name in the store, which is its
/// hash, is known. What ends half-way leaves nothing, not even when the process is killed.
/// </summary>
public sealed class EvidenceSpool : IAsyncDisposable
{
    private const int BufferSize = 128 * 1024;
    private readonly FileStream _file;

    private EvidenceSpool(FileStream file) => _file = file;

    public long Length { get; private set; }
    public byte[] Sha256 { get; private set; } = [];

    /// <summary>By another algorithm, where the sender asked to be checked by one.</summary>
    public byte[] Other { get; private set; } = [];

    public string Cid { get; private set; } = "";
    public byte[] Leaves { get; private set; } = [];

    /// <summary>The first bytes, by which the type is checked.</summary>
    public byte[] Start { get; private set; } = [];

    /// <returns>Null when there is more than <paramref name="limit"/>.</returns>
    public static async Task<EvidenceSpool?> ReadAsync(Stream body, string? folder, long limit, HashAlgorithmName? other, CancellationToken cancellationToken)
    {
        var spool = new EvidenceSpool(OpenOrRefuse(folder is { Length: > 0 } ? folder : Path.GetTempPath()));
        try
        {
            return await spool.FillAsync(body, limit, other, cancellationToken) ? spool : await DiscardAsync(spool);
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }

    /// <summary>Copies it into an object under way.</summary>
    public async Task CopyToAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        _file.Position = 0;
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await _file.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await write(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private async Task SpoolAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _file.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException e)
        {
            throw new StoreException("spool", "the folder for uploads cannot be written to; it may be full", isTransient: true, e);
        }
    }

    private static FileStream OpenOrRefuse(string folder)
    {
        try
        {
            return Open(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException("spool", "no file can be made in the folder for uploads (Evidence:SpoolFolder)", isTransient: true, e);
        }
    }

    private static FileStream Open(string folder)
    {
        var path = Path.Combine(folder, $"rwa-evidence-{Guid.NewGuid():N}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
        {
            // The bytes live on until the handle is closed, by whatever closes it.
            File.Delete(path);
        }
        return file;
    }

    private static async Task<EvidenceSpool?> DiscardAsync(EvidenceSpool spool)
    {
        await spool.DisposeAsync();
        return null;
    }

    private async Task<bool> FillAsync(Stream body, long limit, HashAlgorithmName? other, CancellationToken cancellationToken)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var second = other is { } name ? IncrementalHash.CreateHash(name) : null;
        var tree = new FileTree(TreeOptions.Version1);
        var start = new MemoryStream(MediaTypes.Sniffed);
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if ((Length += read) > limit)
            {
                return false;
            }
            var bytes = buffer.AsMemory(0, read);
            sha256.AppendData(bytes.Span);
            second?.AppendData(bytes.Span);
            tree.Append(bytes.Span);
            start.Write(bytes.Span[..Math.Min(read, MediaTypes.Sniffed - (int)start.Length)]);
            await SpoolAsync(bytes, cancellationToken);
        }
        Sha256 = sha256.GetHashAndReset();
        Other = second?.GetHashAndReset() ?? [];
        Cid = tree.Finish().Cid.ToString();
        Leaves = [.. tree.Leaves.SelectMany(l => l.ToArray())];
        Start = start.ToArray();
        return true;
    }
}
