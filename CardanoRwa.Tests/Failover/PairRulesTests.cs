using CardanoRwa.Embedded.Postgres;

namespace CardanoRwa.Tests.Failover;

public sealed class PairRulesTests
{
    private static readonly PairFacts None = new(HasData: false, IsStandby: false, IsFenced: false, Timeline: 1);
    private static readonly PairFacts Standby = new(HasData: true, IsStandby: true, IsFenced: false, Timeline: 1);

    [Fact]
    public void First_of_two_without_data_begins_and_the_second_waits_for_it()
    {
        Assert.Equal(PairStart.Begin, PairRules.Decide(None, None, isRestart: false, isFirst: true));
        Assert.Equal(PairStart.Hold, PairRules.Decide(None, None, isRestart: false, isFirst: false));
        Assert.Equal(PairStart.Rebuild, PairRules.Decide(None, Primary(1), isRestart: false, isFirst: false));
        Assert.Equal(PairStart.Rebuild, PairRules.Decide(None, Primary(1), isRestart: false, isFirst: true));
    }

    [Fact]
    public void Primary_that_ended_by_itself_does_not_start_again_beside_a_standby()
    {
        Assert.Equal(PairStart.Hold, PairRules.Decide(Primary(1), Standby, isRestart: true, isFirst: true));
        Assert.Equal(PairStart.Primary, PairRules.Decide(Primary(1), Standby, isRestart: false, isFirst: true));
        Assert.Equal(PairStart.Primary, PairRules.Decide(Primary(1), None, isRestart: true, isFirst: true));
        Assert.Equal(PairStart.Standby, PairRules.Decide(Standby, Primary(1), isRestart: true, isFirst: false));
    }

    [Fact]
    public void Fenced_data_never_start_as_a_primary()
    {
        foreach (var own in new[] { Primary(7) with { IsFenced = true }, Standby with { IsFenced = true } })
        {
            foreach (var other in new[] { None with { HasData = true }, Standby, Primary(1), Primary(9) })
            {
                Assert.Equal(PairStart.Rebuild, PairRules.Decide(own, other, isRestart: false, isFirst: true));
            }
        }
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(5, 4)]
    public void Of_two_that_were_primaries_the_later_one_is_and_the_other_follows(int later, int earlier)
    {
        foreach (var isRestart in new[] { false, true })
        {
            Assert.Equal(PairStart.Primary, PairRules.Decide(Primary(later), Primary(earlier), isRestart, isFirst: false));
            Assert.Equal(PairStart.Rebuild, PairRules.Decide(Primary(earlier), Primary(later), isRestart, isFirst: true));
        }
    }

    [Fact]
    public void No_two_members_may_both_take_writes_whatever_their_files_say()
    {
        var all = (from data in new[] { true, false } from standby in new[] { true, false } from fenced in new[] { true, false } from timeline in new[] { 1, 2 } select new PairFacts(data, data && standby, data && fenced, timeline)).ToList();
        foreach (var (own, other) in all.SelectMany(a => all.Select(b => (a, b))))
        {
            Assert.False(TakesWrites(own, other, isFirst: true) && TakesWrites(other, own, isFirst: false), $"{own} and {other}");
        }

        static bool TakesWrites(PairFacts own, PairFacts other, bool isFirst) => PairRules.Decide(own, other, isRestart: false, isFirst) is PairStart.Primary or PairStart.Begin;
    }

    private static PairFacts Primary(int timeline) => new(HasData: true, IsStandby: false, IsFenced: false, timeline);
}
