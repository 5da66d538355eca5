using System.Diagnostics;
using System.Security.Cryptography;

namespace CardanoRwa.Storage;

/// <summary>Tries everything that backups need of a store, with objects of its own that it removes.</summary>
public static class StoreCheck
{
    private const int SmallBytes = 4_096;

    /// <param name="largeBytes">Size of the object that is sent in parts.</param>
    public static async IAsyncEnumerable<StoreCheckStep> RunAsync(IObjectStore store, int largeBytes, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = $"check/{Guid.NewGuid():N}/";
        var (small, large) = (RandomNumberGenerator.GetBytes(SmallBytes), RandomNumberGenerator.GetBytes(largeBytes));
        (string Name, Func<Task<string?>> Try)[] steps =
        [
            ("write", async () => await store.WriteAsync(folder + "small", small, ifAbsent: false, cancellationToken) ? null : "the write was refused"),
            ("read back", () => ReadAsync("small", 0, null, small)),
            ("read a range", () => ReadAsync("small", 1_000, 500, small.AsMemory(1_000, 500))),
            ("write in parts", async () => await store.WriteAsync(folder + "large", large, ifAbsent: true, cancellationToken) ? null : "the write was refused"),
            ("read it back", () => ReadAsync("large", 0, null, large)),
            ("look up", async () => (await store.FindAsync(folder + "small", cancellationToken))?.Length == SmallBytes ? null : "it is not found, or its length is wrong"),
            ("miss", async () => await store.FindAsync(folder + "absent", cancellationToken) is null && await store.OpenAsync(folder + "absent", 0, null, cancellationToken) is null ? null : "an object is found that was never written"),
            ("list", ListAsync),
            ("create only if absent", async () => await store.WriteAsync(folder + "small", large.AsMemory(0, 10), ifAbsent: true, cancellationToken) ? "an object was replaced" : await ReadAsync("small", 0, null, small)),
            ("delete", DeleteAsync),
        ];
        foreach (var (name, attempt) in steps)
        {
            var since = Stopwatch.GetTimestamp();
            string? fault;
            try
            {
                fault = await attempt();
            }
            catch (StoreException e)
            {
                fault = e.Message;
            }
            yield return new StoreCheckStep(store.Name, name, Stopwatch.GetElapsedTime(since), fault);
        }

        async Task<string?> ReadAsync(string name, long offset, long? length, ReadOnlyMemory<byte> expected)
        {
            await using var stream = await store.OpenAsync(folder + name, offset, length, cancellationToken);
            if (stream is null)
            {
                return "it is not found";
            }
            using var read = new MemoryStream();
            await stream.CopyToAsync(read, cancellationToken);
            return read.GetBuffer().AsSpan(0, (int)read.Length).SequenceEqual(expected.Span) ? null : "what was read is not what was written";
        }

        async Task<string?> ListAsync()
        {
            var keys = new List<string>();
            await foreach (var found in store.ListAsync(folder, cancellationToken))
            {
                keys.Add(found.Key);
            }
            return keys.SequenceEqual([folder + "large", folder + "small"]) ? null : $"it lists {keys.Count} objects for the two that were written, or out of order";
        }

        async Task<string?> DeleteAsync()
        {
            await store.DeleteAsync(folder + "small", cancellationToken);
            await store.DeleteAsync(folder + "large", cancellationToken);
            await store.DeleteAsync(folder + "large", cancellationToken);
            return await store.FindAsync(folder + "small", cancellationToken) is null ? null : "it is still there";
        }
    }
}

/// <param name="Fault">Null when it went well.</param>
public sealed record StoreCheckStep(string Store, string Step, TimeSpan Took, string? Fault);
