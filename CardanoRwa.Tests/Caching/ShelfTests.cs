using System.Runtime.CompilerServices;
using CardanoRwa.Core.Caching;

namespace CardanoRwa.Tests.Caching;

public sealed class ShelfTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    [Fact]
    public void Answer_loaded_before_a_change_counts_for_nothing_whenever_it_is_kept()
    {
        var shelf = new Shelf<string>(1_000_000, Long);
        shelf.Keep("a", Answer(1), stamp: 7);
        Assert.NotNull(shelf.Find("a", 7));

        Assert.Null(shelf.Find("a", 8));
        // On its way when the change came, kept after it.
        shelf.Keep("a", Answer(2), stamp: 7);
        Assert.Null(shelf.Find("a", 8));
        shelf.Keep("a", Answer(3), stamp: 8);
        Assert.Equal(3, shelf.Find("a", 8)!.Body[0]);
    }

    [Fact]
    public void Answer_past_its_lifetime_counts_no_more()
    {
        var shelf = new Shelf<string>(1_000_000, TimeSpan.Zero);
        shelf.Keep("a", Answer(1), 0);
        Assert.Null(shelf.Find("a", 0));
    }

    [Fact]
    public void Room_is_bounded_and_what_is_used_stays()
    {
        var shelf = new Shelf<int>(400_000, Long);
        shelf.Keep(-1, Answer(9), 0);
        var kept = new List<WeakReference>();
        for (var i = 0; i < 20_000; i++)
        {
            kept.Add(Keep(shelf, i));
            Assert.NotNull(shelf.Find(-1, 0));
        }

        GC.Collect();
        Assert.InRange(kept.Count(k => k.IsAlive), 100, 400);
        Assert.InRange(Enumerable.Range(0, 20_000).Count(i => shelf.Find(i, 0) is not null), 100, 400);
        GC.KeepAlive(shelf);
    }

    // Apart, so that no register of the test's holds it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Keep(Shelf<int> shelf, int key)
    {
        var answer = Answer(1);
        shelf.Keep(key, answer, 0);
        return new WeakReference(answer.Body);
    }

    private static CachedAnswer Answer(byte content)
    {
        var body = new byte[1_000];
        body[0] = content;
        return new CachedAnswer(body, "\"1\"");
    }
}
