using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Retention;
using static CardanoRwa.Tests.Retention.Fabricated;

namespace CardanoRwa.Tests.Retention;

public sealed class RetentionPlanTests
{
    private static readonly RetentionOptions Options = new();
    private static readonly HashSet<string> Nobody = [];

    [Fact]
    public void Month_of_backups_every_twenty_minutes_keeps_hours_then_days()
    {
        var all = Enumerable.Range(0, 45 * 72).Select(i => (Backup(TimeSpan.FromMinutes(20 * i)), true)).ToArray();
        var stays = Stays(RetentionPlan.Make(Bases(all), Nobody, Options, Now));

        Assert.Equal(1, stays.Count(b => Now - b.StoppedAt > TimeSpan.FromDays(30)));
        Assert.All(stays.Where(b => Now - b.StoppedAt <= TimeSpan.FromDays(2)).GroupBy(b => (b.StoppedAt.Day, b.StoppedAt.Hour)), hour => Assert.InRange(hour.Count(), 1, 2));
        Assert.All(stays.Where(b => Now - b.StoppedAt > TimeSpan.FromDays(3) && Now - b.StoppedAt <= TimeSpan.FromDays(30)).GroupBy(b => b.StoppedAt.Date), day => Assert.Single(day));
        Assert.InRange(stays.Count, 70, 85);
        // Deciding again about what is left takes nothing more.
        Assert.DoesNotContain(RetentionPlan.Make(Bases([.. stays.Select(b => (b, true))]), Nobody, Options, Now), v => v.Goes);
    }

    [Fact]
    public void Nothing_goes_while_no_backup_is_proven()
    {
        var verdicts = RetentionPlan.Make(Bases((Backup(TimeSpan.FromDays(90)), false), (Backup(TimeSpan.FromDays(80)), false), (Backup(TimeSpan.Zero), false)), Nobody, Options, Now);
        Assert.DoesNotContain(verdicts, v => v.Goes);
    }

    [Fact]
    public void Only_the_proven_count_as_replacement()
    {
        // The newest proven one is sixty days old: what came after it is not known to restore, so it stays, and with it what is within its month.
        var (old, anchor) = (Backup(TimeSpan.FromDays(70)), Backup(TimeSpan.FromDays(60)));
        var verdicts = RetentionPlan.Make(Bases((old, true), (anchor, true), (Backup(TimeSpan.FromDays(1)), false), (Backup(TimeSpan.Zero), false)), Nobody, Options, Now);
        Assert.DoesNotContain(verdicts, v => v.Goes);
    }

    [Fact]
    public void Clock_a_century_ahead_removes_nothing_that_a_right_one_would_keep()
    {
        var all = Enumerable.Range(0, 60).Select(i => (Backup(TimeSpan.FromDays(i)), true)).ToArray();
        Assert.Equal(Ids(RetentionPlan.Make(Bases(all), Nobody, Options, Now)), Ids(RetentionPlan.Make(Bases(all), Nobody, Options, Now.AddYears(100))));

        static IEnumerable<string> Ids(IReadOnlyList<RetentionVerdict> verdicts) => Stays(verdicts).Select(b => b.Id);
    }

    [Fact]
    public void Held_backup_and_what_it_stands_on_stay()
    {
        var full = Backup(TimeSpan.FromDays(50));
        var middle = Backup(TimeSpan.FromDays(49.9), full);
        var top = Backup(TimeSpan.FromDays(49.8), middle);
        var bases = Bases((full, true), (middle, true), (top, true), (Backup(TimeSpan.FromDays(31)), true), (Backup(TimeSpan.Zero), true));
        Assert.Equal(2, Stays(RetentionPlan.Make(bases, Nobody, Options, Now)).Count);
        Assert.Equal(5, Stays(RetentionPlan.Make(bases, new HashSet<string> { top.Id }, Options, Now)).Count);
    }

    [Fact]
    public void Degraded_backup_gives_way_to_a_good_one_of_its_hour_and_proves_nothing()
    {
        var degraded = Backup(TimeSpan.FromMinutes(50), state: BackupState.Degraded);
        var verdicts = RetentionPlan.Make(Bases((degraded, true), (Backup(TimeSpan.FromMinutes(45)), true), (Backup(TimeSpan.FromMinutes(5)), true)), Nobody, Options, Now);
        Assert.Equal(degraded.Id, Assert.Single(verdicts, v => v.Goes).Backup.Id);
        Assert.DoesNotContain(RetentionPlan.Make(Bases((Backup(TimeSpan.FromDays(90)), true), (Backup(TimeSpan.Zero, state: BackupState.Degraded), true)), Nobody, Options, Now), v => v.Goes);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Any_mixture_keeps_every_moment_of_the_month_restorable(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var made = new List<BackupManifest>();
            foreach (var hours in Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.NextDouble() * 24 * 60).OrderDescending())
            {
                made.Add(Backup(TimeSpan.FromHours(hours), made.Count > 0 && random.Next(3) > 0 ? made[^1] : null, random.Next(8) == 0 ? BackupState.Degraded : BackupState.Good));
            }
            var bases = Bases([.. made.Select(b => (b, random.Next(5) > 0))]);
            var stays = Stays(RetentionPlan.Make(bases, Nobody, Options, Now));
            var ids = stays.Select(b => b.Id).ToHashSet();

            Assert.All(stays, b => Assert.True(b.ParentId is null || ids.Contains(b.ParentId)));
            Assert.True(bases.Backups.LastOrDefault(bases.IsProven) is not { } anchor || ids.Contains(anchor.Manifest.Id));
            // The earliest moment that was restorable within the month still is.
            var edge = (bases.Backups.LastOrDefault(bases.IsProven)?.Manifest.StoppedAt ?? Now) - Options.Keep;
            var before = made.Where(b => b.StoppedAt < edge).ToList();
            Assert.True(before.Count == 0 || stays.Any(b => b.StoppedAt < edge));
        }
    }

    private static List<BackupManifest> Stays(IReadOnlyList<RetentionVerdict> verdicts) => [.. verdicts.Where(v => !v.Goes).Select(v => v.Backup)];
}
