namespace CardanoRwa.Recovery.Format;

/// <summary>Objects that are read and written whole.</summary>
public static class SmallObjects
{
    /// <summary>False when <paramref name="ifAbsent"/> and the key was taken.</summary>
    public static async Task<bool> PutAsync(this IObjectStore store, string key, ReadOnlyMemory<byte> bytes, bool ifAbsent, CancellationToken cancellationToken)
    {
        await using var upload = await store.CreateAsync(key, cancellationToken);
        await upload.WriteAsync(bytes, cancellationToken);
        return await upload.CompleteAsync(ifAbsent, cancellationToken);
    }

    /// <summary>Null when there is none under the key.</summary>
    public static async Task<byte[]?> GetAsync(this IObjectStore store, string key, CancellationToken cancellationToken)
    {
        await using var stored = await store.OpenAsync(key, 0, null, cancellationToken);
        if (stored is null)
        {
            return null;
        }
        using var bytes = new MemoryStream();
        await stored.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}
