using CardanoRwa.Recovery.Wal;
using Lsn = NpgsqlTypes.NpgsqlLogSequenceNumber;

namespace CardanoRwa.Tests.Wal;

public sealed class WalPlanTests
{
    private const int Size = WalSegment.DefaultSize;

    [Theory]
    [InlineData(1u, "0/3000148", 16 << 20, "000000010000000000000003")]
    [InlineData(10u, "1F/FFFFFFFF", 16 << 20, "0000000A0000001F000000FF")]
    [InlineData(2u, "2/0", 1 << 30, "000000020000000200000000")]
    [InlineData(2u, "2/C0000001", 1 << 30, "000000020000000200000003")]
    [InlineData(1u, "0/200000", 1 << 20, "000000010000000000000002")]
    public void Segments_are_named_as_the_server_names_them(uint timeline, string position, int size, string name)
    {
        var segment = WalSegment.Of(timeline, Lsn.Parse(position), size);

        Assert.Equal(name, segment.Name);
        Assert.Equal(segment, WalSegment.TryParse(name, size));
        Assert.True(segment.Start <= Lsn.Parse(position) && Lsn.Parse(position) < segment.End);
    }

    [Theory, InlineData("000000010000000000000100"), InlineData("00000001000000000000000G"), InlineData("00000001.history"), InlineData("")]
    public void What_is_no_segment_has_no_number(string name) => Assert.Null(WalSegment.TryParse(name, Size));

    [Fact]
    public void History_is_read_as_the_server_writes_it() => Assert.Equal(
        [new TimelineSwitch(1, Lsn.Parse("0/3000148")), new TimelineSwitch(2, Lsn.Parse("0/5000000"))],
        TimelineHistory.Parse("1\t0/3000148\tno recovery target specified\n\n2\t0/5000000\tat restore point \"a b\"\n"u8));

    [Fact]
    public void First_run_begins_where_the_slot_does() =>
        AssertSteps(Plan(1, "0/9000000", "0/3000028", []), (1, "0/3000000", null));

    [Fact]
    public void Later_run_begins_in_the_segment_that_is_not_whole_yet()
    {
        AssertSteps(Plan(1, "0/9000000", "0/3000028", [], (1, "0/5000100")), (1, "0/5000000", null));
        AssertSteps(Plan(1, "0/9000000", "0/3000028", [], (1, "0/5000000")), (1, "0/4000000", null));
    }

    [Fact]
    public void Database_that_was_set_back_is_refused() => Assert.Null(Plan(1, "0/4000000", "0/3000028", [], (1, "0/5000000")));

    [Fact]
    public void Old_timeline_is_finished_before_the_new_one()
    {
        TimelineSwitch[] history = [new(1, Lsn.Parse("0/5000148")), new(2, Lsn.Parse("0/7000020"))];

        AssertSteps(Plan(3, "0/9000000", "0/8000028", history, (1, "0/5000100")), (1, "0/5000000", "0/5000148"), (2, "0/5000000", "0/7000020"), (3, "0/7000000", null));
        AssertSteps(Plan(3, "0/9000000", "0/8000028", history, (1, "0/6000000")), (2, "0/5000000", "0/7000020"), (3, "0/7000000", null));
        AssertSteps(Plan(3, "0/9000000", "0/8000028", history, (1, "0/5000148"), (2, "0/7000020")), (3, "0/7000000", null));
    }

    private static WalPlan? Plan(uint timeline, string end, string slot, TimelineSwitch[] switches, params (uint Timeline, string End)[] archived) =>
        WalPlan.Make((timeline, Lsn.Parse(end)), Lsn.Parse(slot), switches, archived.ToDictionary(a => a.Timeline, a => Lsn.Parse(a.End)), Size);

    private static void AssertSteps(WalPlan? plan, params (uint Timeline, string Start, string? Until)[] expected) =>
        Assert.Equal(expected.Select(e => new WalStep(e.Timeline, Lsn.Parse(e.Start), e.Until is null ? null : Lsn.Parse(e.Until))), plan!.Steps);
}
