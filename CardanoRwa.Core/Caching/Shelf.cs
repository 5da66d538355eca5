using System.Collections.Concurrent;

namespace CardanoRwa.Core.Caching;

/// <summary>
/// Answers in this process's memory, as bytes. Each bears the stamp that its subject had before it was loaded, and counts only while the subject still
/// has it: a change raises the stamp, and whatever was loaded before, or is still on its way, is worth nothing from then on.
/// </summary>
/// <remarks>
/// Two halves: what is new or used goes into the young one; when that is full it becomes the old one, and what was in the old one and not used since is
/// dropped as a whole. No list of uses has to be kept in order under a lock.
/// </remarks>
/// <param name="bytes">What both halves may hold, more or less.</param>
/// <param name="lifetime">How long an answer counts at most.</param>
internal sealed class Shelf<TKey>(long bytes, TimeSpan lifetime, IEqualityComparer<TKey>? comparer = null) where TKey : notnull
{
    // An entry and its place in the dictionary, besides the answer's own bytes.
    private const int Overhead = 250;
    private readonly Lock _turning = new();
    private volatile Half _young = new(comparer), _old = new(comparer);

    public CachedAnswer? Find(TKey key, long stamp)
    {
        var now = Environment.TickCount64;
        if (_young.Entries.TryGetValue(key, out var entry))
        {
            return entry.Counts(stamp, now) ? entry.Answer : null;
        }
        if (_old.Entries.TryGetValue(key, out entry) && entry.Counts(stamp, now))
        {
            Put(key, entry);
            return entry.Answer;
        }
        return null;
    }

    public void Keep(TKey key, CachedAnswer answer, long stamp) =>
        Put(key, new Entry(answer, stamp, Environment.TickCount64 + (long)lifetime.TotalMilliseconds));

    private void Put(TKey key, Entry entry)
    {
        var young = _young;
        var size = entry.Answer.Body.Length + Overhead;
        if (young.Entries.TryGetValue(key, out var before))
        {
            size -= before.Answer.Body.Length + Overhead;
        }
        young.Entries[key] = entry;
        if (Interlocked.Add(ref young.Bytes, size) > bytes / 2)
        {
            lock (_turning)
            {
                if (_young == young)
                {
                    (_old, _young) = (young, new Half(comparer));
                }
            }
        }
    }

    private sealed class Half(IEqualityComparer<TKey>? comparer)
    {
        public readonly ConcurrentDictionary<TKey, Entry> Entries = new(comparer);
        public long Bytes;
    }

    private sealed record Entry(CachedAnswer Answer, long Stamp, long Until)
    {
        public bool Counts(long stamp, long now) => Stamp == stamp && now < Until;
    }
}
