using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Tests.Recovery;

namespace CardanoRwa.Tests.Wal;

/// <summary>WAL into the stores while things break: each test has a cluster of its own.</summary>
public sealed class WalReceiverTests
{
    private const string Rows = "INSERT INTO t SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 20000) i";

    [Fact]
    public async Task Database_that_is_killed_and_deleted_comes_back_with_its_last_stored_commit()
    {
        using var vault = new Vault();
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        await cluster.RunAsync("CREATE TABLE t (id int, body text)");
        await using (var receiver = Harness.Start(cluster, vault))
        {
            await vault.BackUpAsync(cluster);
            // More than a segment: some of it is stored whole, the end in parts.
            for (var i = 0; i < 4; i++)
            {
                await cluster.RunAsync(Rows);
            }
            await cluster.RunAsync("INSERT INTO t VALUES (-1, 'the last')");
            await receiver.StoredAsync(cluster, "one", "two");
            await cluster.KillAndDeleteAsync();
        }

        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        Vault.Value(await vault.TryRestoreAsync(new RestoreRequest(data, new RestoreTarget.Latest()), wal: new WalSource([.. vault.Stores], vault.Reader)));
        await using var restored = await ThrowAwayCluster.OnAsync(15, data);
        await restored.StartAsync();

        Assert.Equal("the last", await restored.AskAsync<string>("SELECT body FROM t WHERE id = -1"));
        Assert.Equal(80_001L, await restored.AskAsync<long>("SELECT count(*) FROM t"));
        Assert.Equal(2L, await restored.AskAsync<long>("SELECT timeline_id::bigint FROM pg_control_checkpoint()"));
    }

    [Fact]
    public async Task Receiver_killed_again_and_again_leaves_no_hole_and_changes_no_object()
    {
        using var vault = new Vault();
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        await cluster.RunAsync("CREATE TABLE t (id int, body text)");
        var system = "";
        for (var round = 0; round < 3; round++)
        {
            var before = vault.Stores[0].Objects.ToDictionary();
            await using var receiver = Harness.Start(cluster, vault);
            await cluster.RunAsync(Rows);
            await Harness.UntilAsync(() => receiver.Now.Stores.Any(s => s.Durable is not null), () => $"{receiver.Now}");
            system = receiver.Now.SystemId!;
            if (round == 2)
            {
                await receiver.StoredAsync(cluster, "one", "two");
            }
            Assert.All(before.Where(o => !o.Key.EndsWith("mark.json", StringComparison.Ordinal) && vault.Stores[0].Objects.ContainsKey(o.Key)), o => Assert.Same(o.Value, vault.Stores[0].Objects[o.Key]));
        }

        foreach (var store in vault.Stores)
        {
            Assert.Single((await StoredWal.ReadAsync(store, system, default)).Ranges(1));
        }
        await AssertSameWalAsync(cluster, vault, system);
    }

    [Fact]
    public async Task Store_that_is_down_delays_only_itself_and_catches_up()
    {
        using var vault = new Vault();
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        await cluster.RunAsync("CREATE TABLE t (id int, body text)");
        vault.Stores[1].IsDown = true;
        await using var receiver = Harness.Start(cluster, vault);

        await cluster.RunAsync(Rows);
        await receiver.StoredAsync(cluster, "one");
        var end = await cluster.AskAsync<NpgsqlTypes.NpgsqlLogSequenceNumber>("SELECT pg_current_wal_flush_lsn()");
        await Harness.UntilAsync(() => cluster.AskAsync<bool>($"SELECT restart_lsn >= '{end}' FROM pg_replication_slots").GetAwaiter().GetResult(), () => "the slot does not move");
        Assert.Contains("down", receiver.Now.Stores.Single(s => s.Store == "two").Fault, StringComparison.Ordinal);
        Assert.True(receiver.Now.Stores.Single(s => s.Store == "two").Durable is null);
        vault.Stores[1].IsDown = false;
        await receiver.StoredAsync(cluster, "one", "two");

        await AssertSameWalAsync(cluster, vault, receiver.Now.SystemId!);
        Assert.Null(receiver.Now.Stores.Single(s => s.Store == "two").Fault);
    }

    [Fact]
    public async Task Wal_received_while_all_stores_are_down_is_stored_later_though_the_database_is_gone()
    {
        using var vault = new Vault();
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        await cluster.RunAsync("CREATE TABLE t (id int, body text)");
        var spool = Path.Combine(cluster.Parent, "spool");
        string system;
        NpgsqlTypes.NpgsqlLogSequenceNumber end;
        await using (var receiver = Harness.Start(cluster, vault))
        {
            await receiver.StoredAsync(cluster, "one", "two");
            system = receiver.Now.SystemId!;
            foreach (var store in vault.Stores)
            {
                store.IsDown = true;
            }
            await cluster.RunAsync(Rows);
            end = await cluster.AskAsync<NpgsqlTypes.NpgsqlLogSequenceNumber>("SELECT pg_current_wal_flush_lsn()");
            Assert.False(await cluster.AskAsync<bool>($"SELECT restart_lsn >= '{end}' FROM pg_replication_slots"));
            using var left = new WalSpool(spool, system, WalSegment.DefaultSize);
            await Harness.UntilAsync(() => left.Left() is { Count: > 0 } l && l[^1].End >= end, () => $"the spool ends at {string.Join(", ", left.Left())}");
            await cluster.StopAsync();
        }
        foreach (var store in vault.Stores)
        {
            store.IsDown = false;
        }
        await using var later = Harness.Start(cluster, vault);

        foreach (var store in vault.Stores)
        {
            await Harness.UntilAsync(() => StoredWal.ReadAsync(store, system, default).GetAwaiter().GetResult().Ranges(1) is [var range] && range.End >= end, () => "the spool is not stored");
        }
    }

    [Fact]
    public async Task Slot_that_was_invalidated_is_a_gap_with_its_positions_and_never_bridged()
    {
        using var vault = new Vault();
        await using var cluster = await ThrowAwayCluster.CreateAsync(15, settings: ["max_slot_wal_keep_size=16MB", "min_wal_size=32MB", "max_wal_size=32MB"]);
        await cluster.RunAsync("CREATE TABLE t (id int, body text)");
        NpgsqlTypes.NpgsqlLogSequenceNumber stored;
        await using (var receiver = Harness.Start(cluster, vault))
        {
            await receiver.StoredAsync(cluster, "one", "two");
            stored = receiver.Now.Stores[0].Durable!.Value;
        }
        for (var i = 0; i < 6; i++)
        {
            await cluster.RunAsync(Rows);
            await cluster.RunAsync("CHECKPOINT");
        }
        Assert.Equal("lost", await cluster.AskAsync<string>("SELECT wal_status FROM pg_replication_slots"));

        await using var again = Harness.Start(cluster, vault);
        await Harness.UntilAsync(() => again.Gaps.Count > 0, () => $"{again.Now}");
        await again.StoredAsync(cluster, "one", "two");

        var gap = Assert.Single(again.Gaps);
        Assert.True(gap.From >= stored && gap.To > gap.From);
        var ranges = (await StoredWal.ReadAsync(vault.Stores[0], again.Now.SystemId!, default)).Ranges(1);
        Assert.Equal(2, ranges.Count);
        Assert.Equal((gap.From, gap.To), (ranges[0].End, ranges[1].Start));
    }

    [Fact]
    public async Task Second_receiver_stands_by_and_takes_over()
    {
        using var vault = new Vault();
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        await cluster.RunAsync("CREATE TABLE t (id int, body text)");
        var first = Harness.Start(cluster, vault);
        await first.StoredAsync(cluster, "one", "two");
        await using var second = Harness.Start(cluster, vault, o => o.SpoolPath += "2");
        await Harness.UntilAsync(() => second.Now.State == WalReceiverState.StandingBy, () => $"{second.Now}");

        await first.DisposeAsync();
        await cluster.RunAsync(Rows);
        await second.StoredAsync(cluster, "one", "two");

        Assert.Single((await StoredWal.ReadAsync(vault.Stores[0], second.Now.SystemId!, default)).Ranges(1));
    }

    [Fact]
    public async Task New_timeline_is_followed_from_where_it_began()
    {
        using var vault = new Vault();
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        await cluster.RunAsync("CREATE TABLE t (id int, body text)");
        await using var receiver = Harness.Start(cluster, vault);
        await vault.BackUpAsync(cluster);
        await cluster.RunAsync(Rows);
        await receiver.StoredAsync(cluster, "one", "two");
        await cluster.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(cluster.Data, "recovery.signal"), "");
        await cluster.StartAsync("restore_command=false");

        await cluster.RunAsync("INSERT INTO t VALUES (-1, 'on the second timeline')");
        await receiver.StoredAsync(cluster, "one", "two");

        var source = new WalSource([.. vault.Stores], vault.Reader);
        var inventory = await source.InventoryAsync(receiver.Now.SystemId!, default);
        Assert.Equal([1u, 2u], inventory.Timelines.Select(t => t.Id));
        var left = Assert.Single(inventory.Find(2)!.Switches);
        Assert.Equal(1u, left.From);
        Assert.True(inventory.Find(1)!.Ranges[^1].End >= left.At);
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        Vault.Value(await vault.TryRestoreAsync(new RestoreRequest(data, new RestoreTarget.Latest()), wal: source));
        await using var restored = await ThrowAwayCluster.OnAsync(15, data);
        await restored.StartAsync();
        Assert.Equal("on the second timeline", await restored.AskAsync<string>("SELECT body FROM t WHERE id = -1"));
    }

    [Fact]
    public async Task Synchronous_commit_is_acknowledged_only_once_a_store_has_it()
    {
        using var vault = new Vault();
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        await cluster.RunAsync("CREATE TABLE t (id int, body text)");
        await using var receiver = Harness.Start(cluster, vault, o => o.Synchronous = true);
        await receiver.StoredAsync(cluster, "one", "two");
        await cluster.RunAsync("ALTER SYSTEM SET synchronous_standby_names = 'rwa_wal'");
        await cluster.RunAsync("SELECT pg_reload_conf()");
        // It is the checkpointer that has commits wait, from when it has read the new setting on.
        await Harness.UntilAsync(() => cluster.AskAsync<string>("SHOW synchronous_standby_names").GetAwaiter().GetResult() == "rwa_wal", () => "the setting is not read");
        await cluster.RunAsync("CHECKPOINT");
        await cluster.RunAsync("INSERT INTO t VALUES (1, 'stored')");

        foreach (var store in vault.Stores)
        {
            store.IsDown = true;
        }
        var waiting = cluster.RunAsync("INSERT INTO t VALUES (2, 'waits')");
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.False(waiting.IsCompleted);
        vault.Stores[1].IsDown = false;
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(2L, await cluster.AskAsync<long>("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Idle_database_can_be_restored_to_a_time_that_moves_on()
    {
        using var vault = new Vault();
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        await using var receiver = Harness.Start(cluster, vault);
        await receiver.StoredAsync(cluster, "one");
        await Harness.UntilAsync(() => receiver.Now.Stores[0].RestorableTo is not null, () => $"{receiver.Now.Stores[0]}");
        var then = await cluster.AskAsync<DateTime>("SELECT clock_timestamp()");

        await Harness.UntilAsync(() => receiver.Now.Stores[0].RestorableTo > then, () => $"{receiver.Now.Stores[0]}");
        await Harness.UntilAsync(() => StoredWal.ReadAsync(vault.Stores[0], receiver.Now.SystemId!, default).GetAwaiter().GetResult().Ranges(1)[^1].LastStoredAt > then, () => "the mark does not move on");
    }

    /// <summary>Every stored segment is, byte for byte, what the database has.</summary>
    private static async Task AssertSameWalAsync(ThrowAwayCluster cluster, Vault vault, string system)
    {
        foreach (var store in vault.Stores)
        {
            var source = new WalSource([store], vault.Reader);
            var stored = await StoredWal.ReadAsync(store, system, default);
            foreach (var segment in stored.Segments(1))
            {
                var copy = Path.Combine(cluster.Parent, $"copy-{store.Name}-{segment.Segment.Name}");
                var original = Path.Combine(cluster.Data, "pg_wal", segment.Segment.Name);
                if (!File.Exists(original))
                {
                    continue;
                }
                Assert.True(await source.FetchAsync(system, segment.Segment.Name, copy, default));
                var (_, to) = Assert.Single(segment.Covered());
                var (ours, theirs) = (await File.ReadAllBytesAsync(copy), await File.ReadAllBytesAsync(original));
                Assert.True(ours.AsSpan(0, to).SequenceEqual(theirs.AsSpan(0, to)), segment.Segment.Name);
            }
        }
    }
}
