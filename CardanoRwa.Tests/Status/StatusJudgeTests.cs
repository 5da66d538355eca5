using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Recovery;
using CardanoRwa.Core.Status;

namespace CardanoRwa.Tests.Status;

public sealed class StatusJudgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly ApiFacts Fine = new(100, 0, DatabaseAnswers: true, CacheAnswers: true);

    [Fact]
    public void Platform_in_which_all_is_well_is_operational()
    {
        var status = StatusJudge.Judge(Facts(), Fine, Now);
        Assert.Equal("operational", status.State);
        Assert.All(status.Components, c => Assert.Equal("operational", c.State));
        Assert.Equal(Components.All, status.Components.Select(c => c.Name));
        Assert.Equal((Now.AddHours(-5), Now.AddSeconds(-1)), (status.Recovery.From, status.Recovery.To));
    }

    [Fact]
    public void Database_that_is_away_is_an_outage_and_the_rest_is_unknown_but_what_was_known_is_still_told()
    {
        var incident = new Incident { Id = Guid.CreateVersion7(), Title = "t", Affected = [], DeclaredBy = "x", Impact = IncidentImpact.Minor };
        var status = StatusJudge.Judge(Facts() with { Incidents = [incident] }, Fine with { DatabaseAnswers = false }, Now.AddMinutes(3));
        Assert.Equal("outage", status.State);
        Assert.Equal(Now, status.DataAt);
        Assert.Equal("t", Assert.Single(status.Incidents).Title);
        Assert.Equal(["unknown", "unknown", "unknown", "unknown"], status.Components.TakeLast(4).Select(c => c.State));
        var blind = StatusJudge.Judge(null, Fine with { DatabaseAnswers = false }, Now);
        Assert.Equal(("outage", (DateTimeOffset?)null), (blind.State, blind.DataAt));
    }

    [Theory]
    [InlineData(19, 19, "operational")]
    [InlineData(1_000, 10, "operational")]
    [InlineData(1_000, 100, "degraded")]
    [InlineData(1_000, 900, "outage")]
    public void Api_is_judged_by_the_share_of_faults_once_there_are_enough_requests(long requests, long faults, string state) =>
        Assert.Equal(state, StateOf(StatusJudge.Judge(Facts(), Fine with { RecentRequests = requests, RecentFaults = faults }, Now), Components.Api));

    [Theory]
    [InlineData(30, null, "operational")]
    [InlineData(200, null, "degraded")]
    [InlineData(700, null, "outage")]
    [InlineData(1, "restored", "degraded")]
    public void Chain_is_judged_by_when_it_was_last_reached_and_whether_minting_is_halted(int seconds, string? halt, string state) =>
        Assert.Equal(state, StateOf(StatusJudge.Judge(Facts() with { Wallet = Wallet(Now.AddSeconds(-seconds), halt) }, Fine, Now), Components.Chain));

    [Fact]
    public void Silent_worker_failing_store_waiting_pin_and_missing_cache_are_told()
    {
        var silent = StatusJudge.Judge(Facts() with { Worker = (Report, TimeSpan.FromMinutes(2)) }, Fine, Now);
        var waiting = StatusJudge.Judge(Facts() with { Pins = new PinFacts(5, 1, 0) }, Fine with { CacheAnswers = false }, Now);
        var failing = StatusJudge.Judge(Facts() with { Recovery = Recovery("down", null) }, Fine, Now);
        var lost = StatusJudge.Judge(Facts() with { Recovery = Recovery("down", "down too") }, Fine, Now);
        Assert.Equal(("degraded", "outage"), (silent.State, StateOf(silent, Components.Worker)));
        Assert.Equal(("degraded", "degraded", "degraded"), (waiting.State, StateOf(waiting, Components.Ipfs), StateOf(waiting, Components.Cache)));
        Assert.Equal(("degraded", "outage"), (StateOf(failing, Components.Stores), StateOf(lost, Components.Stores)));
    }

    [Fact]
    public void Deployment_without_chain_pins_and_backups_is_operational_all_the_same()
    {
        var facts = Facts() with { Wallet = null, Recovery = RecoveryStatusView.None, Worker = (Report with { Mints = false, Archives = false, Pins = false }, TimeSpan.Zero) };
        var status = StatusJudge.Judge(facts, Fine, Now);
        Assert.Equal("operational", status.State);
        Assert.Equal(3, status.Components.Count(c => c.State == "not_used"));
    }

    [Theory]
    [InlineData(IncidentImpact.Minor, IncidentState.Investigating, "degraded")]
    [InlineData(IncidentImpact.Critical, IncidentState.Monitoring, "outage")]
    [InlineData(IncidentImpact.Critical, IncidentState.Resolved, "operational")]
    public void Incident_that_is_open_counts_whatever_the_components_say(IncidentImpact impact, IncidentState state, string expected)
    {
        var incident = new Incident { Id = Guid.CreateVersion7(), Title = "t", Affected = [], DeclaredBy = "x", Impact = impact, State = state };
        Assert.Equal(expected, StatusJudge.Judge(Facts() with { Incidents = [incident] }, Fine, Now).State);
    }

    [Fact]
    public void Error_budget_is_what_is_left_of_one_fault_in_a_thousand()
    {
        var level = ServiceLevel.Of([new(new(2026, 11, 23), 6_000, 0, Now.AddDays(-1)), new(new(2026, 11, 24), 4_000, 5, Now.AddHours(-1))]);
        Assert.Equal(0.9995, level.Availability!.Value, 9);
        Assert.Equal(0.5, level.BudgetRemaining!.Value, 6);
        Assert.Equal(Now.AddDays(-1), level.Since);
        Assert.Null(ServiceLevel.Of([]).Availability);
        Assert.Equal(-1, ServiceLevel.Of([new(new(2026, 11, 24), 1_000, 2, Now)]).BudgetRemaining!.Value, 6);
    }

    private static readonly WorkerReport Report = new("w", Mints: true, Archives: true, Pins: true);

    private static StatusFacts Facts() => new(
        Now, [], [], Recovery(null, null), [], [], (Report, TimeSpan.FromSeconds(3)), Wallet(Now, null), new PinFacts(5, 0, 0));

    private static RecoveryStatusView Recovery(string? one, string? two) => RecoveryStatusView.Of(
        new RecoveryReport("1", "w", "streaming", null, false, new SlotStatus("s", 0, 1, false), "b", Now.AddHours(-1), [Store("one", one), Store("two", two)], []), Now, TimeSpan.FromSeconds(1));

    private static StoreStatus Store(string name, string? fault) => new(name, Now, fault, null, Now.AddHours(-5), Now.AddSeconds(-1), null, Now, Now, 3, 1, 100);

    private static WalletState Wallet(DateTimeOffset at, string? halt) => new() { Network = "testnet", FeeAddress = "f", TreasuryAddress = "t", PolicyKeys = "[]", TipHeight = 7, UpdatedAt = at, HaltCode = halt };

    private static string StateOf(StatusDocument status, string component) => status.Components.Single(c => c.Name == component).State;
}
