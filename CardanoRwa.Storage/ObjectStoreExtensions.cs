namespace CardanoRwa.Storage;

internal static class ObjectStoreExtensions
{
    /// <summary>Writes an object whole.</summary>
    /// <returns>False when <paramref name="ifAbsent"/> and the key was taken.</returns>
    public static async Task<bool> WriteAsync(this IObjectStore store, string key, ReadOnlyMemory<byte> bytes, bool ifAbsent, CancellationToken cancellationToken)
    {
        await using var upload = await store.CreateAsync(key, cancellationToken);
        await upload.WriteAsync(bytes, cancellationToken);
        return await upload.CompleteAsync(ifAbsent, cancellationToken);
    }
}
