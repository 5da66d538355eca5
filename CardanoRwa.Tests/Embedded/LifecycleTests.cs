using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded;

namespace CardanoRwa.Tests.Embedded;

public sealed class LifecycleTests
{
    [Fact]
    public async Task Process_that_ends_with_zero_is_finished()
    {
        await using var app = await Graph.StartAsync(b => b.AddShell("step", "echo done"));

        var end = await app.ReachesAsync("step", KnownResourceStates.Finished);

        Assert.Equal(0, end.ExitCode);
        Assert.Equal(["done"], app.Lines("step"));
    }

    [Fact]
    public async Task Process_that_dies_at_its_start_stays_down_and_the_others_run_on()
    {
        await using var app = await Graph.StartAsync(b =>
        {
            b.AddShell("broken", "echo the reason >&2; exit 7");
            b.AddShell("steady", "exec sleep 100");
        });

        var end = await app.ReachesAsync("broken", KnownResourceStates.Exited);

        Assert.Equal(7, end.ExitCode);
        Assert.Equal(["the reason"], app.Lines("broken"));
        await app.HealthyAsync("steady");
        Assert.Empty(app.GetProcessIds("broken"));
    }

    [Fact]
    public async Task Program_that_does_not_exist_fails_to_start_and_says_so()
    {
        await using var app = await Graph.StartAsync(b => b.AddExecutable("ghost", "/no/such/program", "."));

        await app.ReachesAsync("ghost", KnownResourceStates.FailedToStart);

        Assert.Contains("/no/such/program", Assert.Single(app.Lines("ghost")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_that_failed_keeps_down_who_waited_for_it()
    {
        await using var app = await Graph.StartAsync(b =>
        {
            var step = b.AddShell("step", "exit 3");
            b.AddShell("after", "echo started").WaitForCompletion(step);
        });

        await app.ReachesAsync("after", KnownResourceStates.FailedToStart);

        var line = Assert.Single(app.Lines("after"));
        Assert.Contains("'step'", line, StringComparison.Ordinal);
        Assert.Contains("exit code 3", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_that_succeeded_lets_go_who_waited_for_it()
    {
        await using var app = await Graph.StartAsync(b =>
        {
            var step = b.AddShell("step", "sleep 0.3; echo first");
            b.AddShell("after", "echo second").WaitForCompletion(step);
        });

        await app.ReachesAsync("after", KnownResourceStates.Finished);

        Assert.Equal(["first"], app.Lines("step"));
        Assert.Equal(["second"], app.Lines("after"));
    }

    [Fact]
    public async Task Stop_takes_the_waiting_ones_first()
    {
        var order = Path.GetTempFileName();
        var app = await Graph.StartAsync(b =>
        {
            var below = b.AddShell("below", $"trap 'echo below >> {order}; exit 0' TERM; while :; do sleep 0.05; done");
            var middle = b.AddShell("middle", $"trap 'sleep 0.2; echo middle >> {order}; exit 0' TERM; while :; do sleep 0.05; done").WaitForStart(below);
            b.AddShell("above", $"trap 'sleep 0.2; echo above >> {order}; exit 0' TERM; while :; do sleep 0.05; done").WaitForStart(middle);
        });
        await app.HealthyAsync("above");
        await Task.Delay(100); // The traps are set a moment after the process runs.

        await app.DisposeAsync();

        Assert.Equal(["above", "middle", "below"], await File.ReadAllLinesAsync(order));
        File.Delete(order);
    }

    [Fact]
    public async Task Process_that_ignores_the_signal_is_killed_with_its_children()
    {
        var marker = $"{Random.Shared.Next(100_000, 999_999)}.5";
        var app = await Graph.StartAsync(b => b.AddShell("stubborn", $"trap '' TERM; sleep {marker} & wait; sleep {marker}"));
        await app.HealthyAsync("stubborn");
        await Graph.UntilAsync(() => Processes.WithArgument(marker).Count > 0);

        await app.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Empty(Processes.WithArgument(marker));
    }

    [Fact]
    public async Task Commands_stop_start_and_restart_a_resource()
    {
        await using var app = await Graph.StartAsync(b => b.AddShell("service", "exec sleep 100"));
        await app.HealthyAsync("service");
        var first = Assert.Single(app.GetProcessIds("service"));

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.RestartCommand)).Success);
        await app.HealthyAsync("service");
        Assert.NotEqual(first, Assert.Single(app.GetProcessIds("service")));

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.StopCommand)).Success);
        await app.ReachesAsync("service", KnownResourceStates.Exited);
        Assert.Empty(app.GetProcessIds("service"));

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("service", "resource-start")).Success);
        await app.HealthyAsync("service");
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("service", "dance")).Success);
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("nobody", KnownResourceCommands.StopCommand)).Success);
    }

    [Fact]
    public async Task Explicit_start_waits_for_the_command()
    {
        await using var app = await Graph.StartAsync(b => b.AddShell("later", "echo now").WithExplicitStart());
        Assert.Equal(KnownResourceStates.NotStarted, (await app.ReachesAsync("later", KnownResourceStates.NotStarted)).State?.Text);

        await app.ResourceCommands.ExecuteCommandAsync("later", KnownResourceCommands.StartCommand);

        await app.ReachesAsync("later", KnownResourceStates.Finished);
    }

    [Fact]
    public async Task Container_nothing_stands_in_for_is_refused_with_the_way_out()
    {
        await using var app = await Graph.StartAsync(b => b.AddContainer("mail", "axllent/mailpit"));

        await app.ReachesAsync("mail", KnownResourceStates.FailedToStart);

        Assert.Contains("UseAspire=true", Assert.Single(app.Lines("mail")), StringComparison.Ordinal);
    }
}
