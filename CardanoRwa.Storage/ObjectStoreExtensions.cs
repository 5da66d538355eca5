namespace CardanoRwa.Storage;

public static class ObjectStoreExtensions
{
    /// <summary>Writes a small object whole.</summary>
    /// <returns>False when <paramref name="ifAbsent"/> and the key was taken.</returns>
    public static async Task<bool> WriteAsync(this IObjectStore store, string key, ReadOnlyMemory<byte> bytes, bool ifAbsent, CancellationToken cancellationToken)
    {
        await using var upload = await store.CreateAsync(key, cancellationToken);
        await upload.WriteAsync(bytes, cancellationToken);
        return await upload.CompleteAsync(ifAbsent, cancellationToken);
    }

    /// <summary>Reads an object whole into memory; null when there is none under the key.</summary>
    /// <param name="most">Refuse an object above this many bytes, so that a foreign one cannot fill the memory.</param>
    public static async Task<byte[]?> ReadAsync(this IObjectStore store, string key, int most, CancellationToken cancellationToken)
    {
        await using var stream = await store.OpenAsync(key, 0, null, cancellationToken);
        if (stream is null)
        {
            return null;
        }
        using var bytes = new MemoryStream();
        var buffer = new byte[81_920];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (bytes.Length + read > most)
            {
                throw new StoreException(store.Name, $"reading {key}: it is larger than {most} bytes", isTransient: false);
            }
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }
}
