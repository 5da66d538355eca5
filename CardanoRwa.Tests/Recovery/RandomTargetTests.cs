using System.Globalization;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Tests.Wal;
using Xunit.Abstractions;

namespace CardanoRwa.Tests.Recovery;

/// <summary>
/// Moments chosen by chance, of a cluster under fire and between its backups: what is restored holds exactly what every table held then, and is
/// sound. RECOVERY_CAMPAIGN=50 makes fifty on each version, the suite two on the newer one.
/// </summary>
public sealed class RandomTargetTests(ITestOutputHelper output)
{
    private static readonly int Targets = int.TryParse(Environment.GetEnvironmentVariable("RECOVERY_CAMPAIGN"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var count) ? count : 2;

    public static TheoryData<int> Majors => Targets > 2 ? [15, 18] : [18];

    [Theory]
    [MemberData(nameof(Majors))]
    public async Task Moment_chosen_by_chance_is_restored_to_the_row(int major)
    {
        using var vault = new Vault(new MemoryStore("one"));
        await using var source = await ThrowAwayCluster.CreateAsync(major);
        await using var receiver = Harness.Start(source, vault);
        await Harness.UntilAsync(() => receiver.Now.Stores.Count > 0, () => receiver.Now.ToString());
        var moments = new List<Moment>();
        await using (var fire = await Fire.StartAsync(source, 3))
        {
            await vault.BackUpAsync(source);
            for (var i = 0; i < Math.Max(4, Targets); i++)
            {
                await Task.Delay(50);
                moments.Add(await fire.PauseAsync());
                if (i % 10 == 2)
                {
                    await vault.BackUpAsync(source, isIncremental: true);
                }
                if (i % 25 == 20)
                {
                    await vault.BackUpAsync(source);
                }
            }
            await fire.EndAsync();
        }
        await receiver.StoredAsync(source, "one");
        var wal = new WalSource([.. vault.Stores], vault.Reader);
        var planner = new RestorePlanner(vault.Catalogue, vault.Reader, wal);
        // A time is reachable once the receiver's beat has passed it.
        for (var i = 0; i < 400 && (await planner.WindowsAsync(default)).Max(w => w.ToAt) <= moments[^1].At; i++)
        {
            await Task.Delay(100);
        }
        await source.StopAsync();

        var random = new Random(20261123 + major);
        for (var i = 0; i < Targets; i++)
        {
            var moment = moments[random.Next(moments.Count)];
            RestoreTarget target = random.Next(3) switch
            {
                0 => new RestoreTarget.Position(moment.Lsn),
                1 => new RestoreTarget.Time(moment.At),
                _ => new RestoreTarget.Named(moment.Name),
            };
            var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
            // A name says nothing of when it was, so the newest backup would be taken although it is behind it.
            var backup = target is RestoreTarget.Named ? (await vault.Catalogue.ListAsync(null, default)).Backups.Last(b => b.Manifest.StopLsn <= moment.Lsn).Manifest.Id : null;
            var result = Vault.Value(await vault.TryRestoreAsync(new RestoreRequest(data, target) { BackupId = backup }, wal: wal));
            await using var restored = await ThrowAwayCluster.OnAsync(major, data);
            await restored.StartAsync();
            Assert.Equal(moment.Id, await restored.AskAsync<int>("SELECT max(id) FROM moments"));
            Assert.Equal(moment.Hashes, await Fire.HashesAsync(restored));
            await Fire.AssertSoundAsync(restored);
            output.WriteLine($"PITR {major} #{i + 1}: {target} from a chain of {result.Chain.Count}, {result.WalSegments} segments of WAL: exact, sound");
        }
    }
}
