using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Tests.Wal;
using Npgsql;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Targets are exact: what was committed before is there, what came after is not. RECOVERY_CAMPAIGN sets how many of each kind.</summary>
public sealed class PointInTimeTests
{
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("RECOVERY_CAMPAIGN"), out var rounds) ? Math.Max(1, rounds / 4) : 1;

    [Fact]
    public async Task Restore_ends_exactly_at_an_lsn_a_time_a_name_and_the_latest()
    {
        using var vault = new Vault();
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await using var receiver = Harness.Start(source, vault);
        await Harness.UntilAsync(() => receiver.Now.Stores.Count > 0, () => receiver.Now.ToString());
        var backup = (await vault.BackUpAsync(source)).Manifest;
        var points = await WriteAsync(source, 3 + Rounds * 3);
        await receiver.StoredAsync(source, "one", "two");
        var wal = new WalSource([.. vault.Stores], vault.Reader);
        var planner = new RestorePlanner(vault.Catalogue, vault.Reader, wal);
        // A time is reachable once the receiver's beat has passed it.
        for (var i = 0; i < 400 && (await planner.WindowsAsync(default)).Max(w => w.ToAt) <= points[^1].At; i++)
        {
            await Task.Delay(100);
        }

        for (var i = 0; i < Rounds; i++)
        {
            var (lsn, time, name) = (points[1 + i * 3], points[2 + i * 3], points[3 + i * 3]);
            await AssertEndsAtAsync(vault, wal, new RestoreTarget.Position(lsn.Lsn), lsn.Id);
            await AssertEndsAtAsync(vault, wal, new RestoreTarget.Time(time.At), time.Id);
            await AssertEndsAtAsync(vault, wal, new RestoreTarget.Named(name.Name), name.Id);
        }
        await AssertEndsAtAsync(vault, wal, new RestoreTarget.Latest(), points[^1].Id);
        await AssertEndsAtAsync(vault, wal, new RestoreTarget.Backup(), 0);
        var late = new RestoreRequest("/nowhere/data", new RestoreTarget.Time(points[^1].At.AddDays(1)));
        Assert.Equal("restore.too-late", (await vault.TryRestoreAsync(late, wal: wal)).Refusal!.Code);
        var window = Assert.Single(await planner.WindowsAsync(default));
        Assert.Equal((backup.StopLsn, null), (window.From, window.Gap));
        Assert.True(window.To >= points[^1].Lsn);
    }

    private static async Task<List<(int Id, NpgsqlTypes.NpgsqlLogSequenceNumber Lsn, DateTimeOffset At, string Name)>> WriteAsync(ThrowAwayCluster source, int count)
    {
        var points = new List<(int, NpgsqlTypes.NpgsqlLogSequenceNumber, DateTimeOffset, string)>();
        await using var connection = await source.OpenAsync();
        for (var id = 1; id <= count; id++)
        {
            await new NpgsqlCommand($"INSERT INTO t VALUES ({id})", connection).ExecuteNonQueryAsync();
            await using var ask = new NpgsqlCommand($"SELECT pg_create_restore_point('after-{id}'), clock_timestamp(), pg_current_wal_insert_lsn()", connection);
            await using var row = await ask.ExecuteReaderAsync();
            await row.ReadAsync();
            points.Add((id, row.GetFieldValue<NpgsqlTypes.NpgsqlLogSequenceNumber>(2), row.GetFieldValue<DateTimeOffset>(1), $"after-{id}"));
            await row.DisposeAsync();
            // More than a segment, so that a target lies in the midst of several.
            await new NpgsqlCommand("SELECT pg_switch_wal()", connection).ExecuteNonQueryAsync();
            await Task.Delay(5);
        }
        return points;
    }

    private static async Task AssertEndsAtAsync(Vault vault, WalSource wal, RestoreTarget target, int lastId)
    {
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        Vault.Value(await vault.TryRestoreAsync(new RestoreRequest(data, target), wal: wal));
        await using var restored = await ThrowAwayCluster.OnAsync(15, data);
        await restored.StartAsync();
        Assert.Equal(lastId, await restored.AskAsync<int>("SELECT coalesce(max(id), 0) FROM t"));
        Assert.Equal((long)lastId, await restored.AskAsync<long>("SELECT count(*) FROM t"));
    }
}
