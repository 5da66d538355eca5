using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using CardanoRwa.Recovery.Drills;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Drills of sound and of broken backups; the cluster they are of is gone.</summary>
public sealed class DrillTests(DrillLab lab) : IClassFixture<DrillLab>, IDisposable
{
    private readonly string _scratch = Path.Combine(ThrowAwayCluster.NewFolder(), "scratch");

    [Fact]
    public async Task Full_drill_compares_at_the_counted_position_reads_everything_and_leaves_a_signed_report()
    {
        var vault = lab.Vault.Copy();
        var report = await DrillLab.DrillAsync(vault, _scratch, DrillLab.Request(DrillKind.Full));

        Assert.True(report.Passed, DrillMarkdown.Write(report));
        var attempt = Assert.Single(report.Attempts);
        Assert.Equal(["sentinels", "counts", "rpo", "held", "read", "amcheck", "pages"], attempt.Checks.Select(c => c.Name));
        Assert.All(attempt.Checks, c => Assert.Equal(CheckState.Passed, c.State));
        Assert.Equal(lab.Tally.Name, report.Tally);
        Assert.Equal(lab.Last.At, attempt.RestoredTo);
        Assert.True(report.RtoSeconds > 0 && attempt.Times!.Replay > 0 && attempt.Times.Fetch + attempt.Times.Decrypt > 0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch));

        var name = $"{DrillReports.Folder(lab.SystemId)}{report.Id}/report.json";
        Assert.All(vault.Stores, s => Assert.True(s.Objects.ContainsKey(name) && s.Objects.ContainsKey(name.Replace(".json", ".md", StringComparison.Ordinal))));
        var reports = new DrillReports([.. vault.Stores], vault.Reader);
        Assert.True(Vault.Value((await reports.FindAsync(report.Id, default))!.Value).IsAuthentic);
        vault.Stores[0].Objects[name] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(vault.Stores[0].Objects[name]).Replace("\"requestedBy\": \"test\"", "\"requestedBy\": \"best\"", StringComparison.Ordinal));
        await Assert.ThrowsAsync<DamagedObjectException>(() => reports.FindAsync(report.Id, default));
    }

    [Fact]
    public async Task Rows_that_were_lost_or_altered_since_they_were_counted_fail_the_drill()
    {
        var vault = lab.Vault.Copy();
        var counted = lab.Tally.Tables.Single(t => t.Table == "public.t");
        var other = lab.Tally with { Name = lab.Tally.Name, Tables = [.. lab.Tally.Tables.Select(t => t == counted ? t with { Hash = "1" } : t)] };
        foreach (var store in vault.Stores)
        {
            store.Objects.TryRemove($"{TallyStore.Folder(lab.SystemId)}{lab.Tally.Name}", out _);
        }
        await new TallyStore([.. vault.Stores], vault.Writer).WriteAsync(other, default);

        var report = await DrillLab.DrillAsync(vault, _scratch);

        Assert.False(report.Passed);
        var failure = Assert.Single(report.Attempts[0].Failures);
        Assert.Equal("content", failure.Reason);
        Assert.Contains("public.t", failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drills_take_the_stores_in_turn()
    {
        var vault = lab.Vault.Copy();
        var first = await DrillLab.DrillAsync(vault, _scratch);
        var second = await DrillLab.DrillAsync(vault, _scratch);

        Assert.True(first.Passed && second.Passed);
        Assert.Equal(["one", "two"], new[] { first, second }.Select(r => r.Attempts[0].Store).Order());
    }

    [Theory]
    [InlineData("flipped", "damaged")]
    [InlineData("truncated", "damaged")]
    [InlineData("missing", "missing")]
    [InlineData("wal", "wal")]
    [InlineData("wal flipped", "damaged")]
    public async Task Damage_in_one_store_is_named_and_the_other_store_costs_nothing(string damage, string reason)
    {
        var vault = lab.Vault.Copy();
        var name = Damage(vault.Stores[0], damage);
        var failures = new List<string>();
        using var listener = Listen(failures);

        var report = Vault.Value(await DrillLab.Engine(vault, DrillLab.Options(_scratch), listener).RunAsync(DrillLab.Request(store: "one"), default));

        Assert.False(report.Passed);
        var failure = report.Attempts[0].Failures[0];
        Assert.Equal(reason, failure.Reason);
        Assert.StartsWith(failure.Object!, name, StringComparison.Ordinal);
        Assert.Equal(("two", true), (report.Attempts[^1].Store, report.Attempts[^1].Passed));
        Assert.Equal(lab.Last.At, report.Attempts[^1].RestoredTo);
        Assert.Contains("store two", report.Fallback, StringComparison.Ordinal);
        Assert.Equal([reason], failures);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch));
    }

    [Fact]
    public async Task Newest_backup_damaged_everywhere_falls_back_to_the_older_one_and_its_log()
    {
        var vault = lab.Vault.Copy();
        vault.Stores.ToList().ForEach(s => Damage(s, "flipped"));

        var report = await DrillLab.DrillAsync(vault, _scratch);

        Assert.False(report.Passed);
        Assert.Equal(3, report.Attempts.Count);
        Assert.Equal((lab.Backups[0], true), (report.Attempts[^1].Backup, report.Attempts[^1].Passed));
        Assert.Equal(lab.Last.At, report.Attempts[^1].RestoredTo);
    }

    [Fact]
    public async Task Log_missing_everywhere_is_said_with_what_it_costs()
    {
        var vault = lab.Vault.Copy();
        vault.Stores.ToList().ForEach(s => Damage(s, "wal"));
        var request = DrillLab.Request();

        var report = await DrillLab.DrillAsync(vault, _scratch, request);

        Assert.False(report.Passed);
        Assert.Contains(report.Attempts[0].Failures, f => f.Reason == "wal");
        Assert.True(report.Attempts[^1].RestoredTo < lab.Last.At);
        Assert.Contains("it costs", report.Fallback, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_key_fails_and_says_that_nothing_else_helps()
    {
        using var stranger = Identity.New();
        var vault = lab.Vault.Copy();
        var failures = new List<string>();
        using var listener = Listen(failures);

        var report = Vault.Value(await DrillLab.Engine(vault, DrillLab.Options(_scratch), listener, stranger).RunAsync(DrillLab.Request(), default));

        Assert.False(report.Passed);
        Assert.All(report.Attempts, a => Assert.Equal("key", Assert.Single(a.Failures).Reason));
        Assert.Contains("key.wrong", report.Attempts[0].Failures[0].Detail, StringComparison.Ordinal);
        Assert.StartsWith("None of", report.Fallback, StringComparison.Ordinal);
        Assert.Equal(["key"], failures);
    }

    [Fact]
    public async Task Bounds_of_disk_and_time_end_a_drill_and_its_scratch_goes()
    {
        var vault = lab.Vault.Copy();
        var small = DrillLab.Options(_scratch);
        small.ScratchMebibytes = 1;
        var short_ = DrillLab.Options(_scratch);
        short_.TimeLimit = TimeSpan.FromMilliseconds(1);

        var disk = Vault.Value(await DrillLab.Engine(vault, small).RunAsync(DrillLab.Request(), default));
        var time = Vault.Value(await DrillLab.Engine(vault, short_).RunAsync(DrillLab.Request(), default));

        Assert.All(disk.Attempts, a => Assert.Equal("disk", Assert.Single(a.Failures).Reason));
        Assert.Equal("time", Assert.Single(time.Attempts[^1].Failures).Reason);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch));
    }

    [Fact]
    public async Task Scratch_of_a_drill_that_died_is_removed_and_that_of_one_that_runs_is_not()
    {
        Directory.CreateDirectory(Path.Combine(_scratch, "drill-dead", "data"));
        await File.WriteAllTextAsync(Path.Combine(_scratch, "drill-dead", "data", "left"), "x");
        await using var running = ScratchFolder.Create(_scratch, "drill-running");

        await DrillLab.DrillAsync(lab.Vault.Copy(), _scratch);

        Assert.Equal(["drill-running"], Directory.GetDirectories(_scratch).Select(Path.GetFileName));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_scratch)!, recursive: true);

    /// <returns>The object that is damaged now.</returns>
    private string Damage(MemoryStore store, string damage)
    {
        if (damage.StartsWith("wal", StringComparison.Ordinal))
        {
            // The segment after the one in which the newest backup ended, with more behind it.
            var folder = $"{lab.SystemId}/wal/00000001/";
            var stop = ulong.Parse(store.Objects.Keys.Where(k => k.StartsWith(folder, StringComparison.Ordinal)).Select(k => k[folder.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal).Reverse().Skip(1).First()[8..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var segment = store.Objects.Keys.Where(k => k.StartsWith($"{folder}00000001{stop:X16}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
            foreach (var part in segment)
            {
                if (damage == "wal")
                {
                    store.Objects.TryRemove(part, out _);
                }
                else
                {
                    Change(store, part, b => { b[b.Length / 2] ^= 1; return b; });
                }
            }
            return segment[0];
        }
        var name = Layout.Data(lab.SystemId, lab.Backups[1], 0);
        Change(store, name, bytes => damage switch
        {
            "flipped" => Flip(bytes),
            "truncated" => bytes[..^1000],
            _ => [],
        });
        if (damage == "missing")
        {
            store.Objects.TryRemove(name, out _);
        }
        return name;
    }

    private static byte[] Flip(byte[] bytes)
    {
        bytes[5000] ^= 1;
        return bytes;
    }

    private static void Change(MemoryStore store, string name, Func<byte[], byte[]> change) => store.Objects[name] = change((byte[])store.Objects[name].Clone());

    private static MeterListener Listen(List<string> failures)
    {
        var listener = new MeterListener { InstrumentPublished = static (instrument, l) => { if (instrument.Name == "rwa_drill_failures_total") { l.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (value > 0)
            {
                failures.Add((string)tags[0].Value!);
            }
        });
        return listener;
    }
}
