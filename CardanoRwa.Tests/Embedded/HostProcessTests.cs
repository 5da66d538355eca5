using System.Diagnostics;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Tests.Embedded;

/// <summary>The AppHost from outside: killed, stopped, started twice. A start counts once the database is up, while projects still start.</summary>
public sealed class HostProcessTests : IDisposable
{
    private const string Up = "rwadb      | healthy";

    private readonly string _folder = Directory.CreateTempSubdirectory("host-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Host_killed_leaves_no_orphan_and_the_next_start_finds_the_data()
    {
        int[] children;
        await using (var first = await HostProcess.Start(_folder).SaysAsync(Up))
        {
            await Graph.UntilAsync(() => Processes.ChildrenOf(first.Id).Count >= 4);
            children = [.. Processes.ChildrenOf(first.Id)];

            await using var second = HostProcess.Start(_folder);
            Assert.Equal(1, await second.ExitAsync());
            Assert.Contains($"error: Another AppHost (process {first.Id})", second.Output, StringComparison.Ordinal);

            first.Kill();
            await first.ExitAsync();
        }

        await Graph.UntilAsync(() => !children.Any(Processes.IsRunning));
        Assert.Empty(Processes.WithArgument(_folder));

        await using var third = await HostProcess.Start(_folder).SaysAsync(Up);
        Assert.DoesNotContain("Creating a database cluster", third.Output, StringComparison.Ordinal);

        var watch = Stopwatch.StartNew();
        third.Signal(Unix.SigInt);
        Assert.Equal(0, await third.ExitAsync());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed.TotalSeconds:0.0} s.");
        Assert.Empty(Processes.WithArgument(_folder));
    }

    [Fact]
    public async Task Everything_killed_is_no_hindrance_and_reset_begins_anew()
    {
        await using (var first = await HostProcess.Start(_folder).SaysAsync(Up))
        {
            // The host and its reaper: nobody is left to end the others but the next start.
            var children = Processes.ChildrenOf(first.Id);
            var reaper = Processes.WithArgument(Reaper.Verb).Single(children.Contains);
            Process.GetProcessById(reaper).Kill();
            first.Kill();
            await first.ExitAsync();
            Assert.NotEmpty(Processes.WithArgument(_folder));
        }

        await using var second = await HostProcess.Start(_folder, "--reset").SaysAsync(Up);
        Assert.Contains("Creating a database cluster", second.Output, StringComparison.Ordinal);
        second.Signal(Unix.SigTerm);
        Assert.Equal(0, await second.ExitAsync());
        Assert.Empty(Processes.WithArgument(_folder));
    }
}
