using System.Diagnostics;
using System.Globalization;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Tests.Retention;
using Npgsql;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Whole worker processes over one database and one store.</summary>
public sealed class TwoWorkersTests : IAsyncLifetime
{
    private readonly string _folder = ThrowAwayCluster.NewFolder();
    private readonly List<Process> _workers = [];
    private ThrowAwayCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await ThrowAwayCluster.CreateAsync(15);

    public async Task DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            worker.Kill();
            await worker.WaitForExitAsync();
            worker.Dispose();
        }
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task One_backs_up_and_the_other_takes_over_when_it_is_killed()
    {
        using var identity = Identity.New();
        await identity.SaveAsync($"{_folder}/identity", default);
        _workers.Add(Start("one"));
        _workers.Add(Start("two"));

        var leader = await UntilAsync("a proven backup is reported", async () => await ReportAsync("body ->> 'worker'", "body ->> 'receiver' = 'streaming' AND body -> 'stores' -> 0 ->> 'lastVerifiedAt' IS NOT NULL"));
        var pid = int.Parse(leader.Split('/')[^1], CultureInfo.InvariantCulture);
        Assert.Contains("one_recipient", await ReportAsync("body ->> 'warnings'", "true"), StringComparison.Ordinal);
        Assert.Equal("rwa_backup", await _cluster.AskAsync<string>("SELECT usename::text FROM pg_stat_replication WHERE application_name = 'rwa_wal'"));
        var system = await _cluster.AskAsync<string>("SELECT system_identifier::text FROM pg_control_system()");
        var bases = await new BaseInventory(Fabricated.Store(_folder, "store")).ReadAsync(system, default);
        Assert.True(bases.IsProven(Assert.Single(bases.Backups)));

        var dying = _workers.Single(w => w.Id == pid);
        dying.Kill();
        await dying.WaitForExitAsync();
        var since = Stopwatch.GetTimestamp();
        var heir = await UntilAsync("the other receives", async () => await ReportAsync("body ->> 'worker'", $"body ->> 'receiver' = 'streaming' AND NOT body ->> 'worker' LIKE '%/{pid}'"));
        Assert.EndsWith($"/{_workers.Single(w => w.Id != pid).Id}", heir, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(40));
        await _cluster.RunAsync("CREATE TABLE after AS SELECT 1 AS n");
        Assert.False(_workers.Single(w => w.Id != pid).HasExited);
    }

    private async Task<string?> ReportAsync(string what, string where)
    {
        try
        {
            await using var connection = await _cluster.OpenAsync();
            await using var command = new NpgsqlCommand($"SELECT {what} FROM recovery_reports WHERE name = 'status' AND ({where})", connection);
            return await command.ExecuteScalarAsync() as string;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
    }

    private static async Task<string> UntilAsync(string what, Func<Task<string?>> ask)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            if (await ask() is { } answer)
            {
                return answer;
            }
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(2), $"In vain: {what}");
            await Task.Delay(200);
        }
    }

    private Process Start(string name)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "CardanoRwa.Worker.dll")]);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ConnectionStrings__rwadb"] = _cluster.ConnectionString;
        start.Environment["ConnectionStrings__cache"] = "127.0.0.1:1,abortConnect=false";
        start.Environment["Evidence__Folder"] = $"{_folder}/evidence";
        start.Environment["Recovery__Stores__main__Kind"] = "folder";
        start.Environment["Recovery__Stores__main__Path"] = $"{_folder}/store";
        start.Environment["Recovery__Stores__main__Create"] = "true";
        start.Environment["Recovery__Archiving__LeastStores"] = "1";
        start.Environment["Recovery__IdentityFile"] = $"{_folder}/identity";
        start.Environment["Recovery__Wal__SpoolPath"] = $"{_folder}/spool-{name}";
        start.Environment["Recovery__Wal__BeatInterval"] = "00:00:01";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        return Process.Start(start)!;
    }
}
