using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Status;

/// <summary>Facts to words: pure, so that every word can be tried.</summary>
public static class StatusJudge
{
    private const long FewRequests = 20;
    private static readonly TimeSpan WorkerSilence = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ChainSlow = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ChainLost = TimeSpan.FromMinutes(10);

    /// <param name="facts">The newest there are; null when the database never answered.</param>
    public static StatusDocument Judge(StatusFacts? facts, ApiFacts api, DateTimeOffset now)
    {
        IReadOnlyList<ComponentStatus> components =
        [
            Api(api), Database(api, facts), Cache(api),
            .. facts is null || !api.DatabaseAnswers
                ? new[] { Components.Worker, Components.Chain, Components.Ipfs, Components.Stores }.Select(c => Of(c, ComponentState.Unknown, "Cannot be told while the database does not answer."))
                : [Worker(facts), Chain(facts, now), Ipfs(facts), Stores(facts)],
        ];
        IReadOnlyList<IncidentView> incidents = facts is null ? [] : [.. facts.Incidents.OrderBy(i => i.State == IncidentState.Resolved).ThenByDescending(i => i.Id).Select(IncidentView.Of)];
        var (state, summary) = Overall(components, facts?.Incidents ?? []);
        return new StatusDocument(
            now, state, summary, facts?.At, components, incidents, facts is null ? ServiceLevel.None : ServiceLevel.Of(facts.Days), facts is null ? RecoverySummary.None : Recovery(facts), facts?.Drills ?? [],
            facts is null ? [] : [.. facts.Backups.Select(b => new BackupSummary(b.StoppedAt, b.Kind, b.FileBytes, b.StoredBytes))]);
    }

    private static (string State, string Summary) Overall(IReadOnlyList<ComponentStatus> components, IReadOnlyList<Incident> incidents)
    {
        var open = incidents.Where(i => i.State != IncidentState.Resolved).ToList();
        var main = components.Where(c => c.Name is Components.Api or Components.Database);
        if (main.Any(c => c.State == "outage") || open.Any(i => i.Impact == IncidentImpact.Critical))
        {
            return ("outage", "The platform cannot be used right now");
        }
        if (components.Any(c => c.State is "outage" or "degraded"))
        {
            return ("degraded", "Some parts do not work as they should");
        }
        return open.Count > 0 ? ("degraded", "The platform works, with an open incident") : ("operational", "All parts work");
    }

    private static ComponentStatus Api(ApiFacts api) => (api.RecentRequests, (double)api.RecentFaults / Math.Max(1, api.RecentRequests)) switch
    {
        ( >= FewRequests, > 0.5) => Of(Components.Api, ComponentState.Outage, "Most requests of the last minutes failed."),
        ( >= FewRequests, > 0.05) => Of(Components.Api, ComponentState.Degraded, "Some requests of the last minutes failed."),
        _ => Of(Components.Api, ComponentState.Operational, "Answers requests."),
    };

    private static ComponentStatus Database(ApiFacts api, StatusFacts? facts) => api.DatabaseAnswers
        ? Of(Components.Database, ComponentState.Operational, "Answers queries.")
        : Of(Components.Database, ComponentState.Outage, facts is null ? "Does not answer, and has not since this page began to look." : "Does not answer; what is told below is what was last known.");

    private static ComponentStatus Cache(ApiFacts api) => api.CacheAnswers switch
    {
        true => Of(Components.Cache, ComponentState.Operational, "Answers."),
        false => Of(Components.Cache, ComponentState.Degraded, "Does not answer; reads go to the database and are slower, nothing is lost."),
        null => Of(Components.Cache, ComponentState.Unknown, "Could not be asked."),
    };

    private static ComponentStatus Worker(StatusFacts facts) => facts.Worker switch
    {
        null => Of(Components.Worker, ComponentState.Unknown, "None has reported since the database started."),
        { Age: var age } when age > WorkerSilence => Of(Components.Worker, ComponentState.Outage, "None reports; mints and backups wait."),
        _ => Of(Components.Worker, ComponentState.Operational, "Reports."),
    };

    private static ComponentStatus Chain(StatusFacts facts, DateTimeOffset now) => facts.Wallet switch
    {
        null => Of(Components.Chain, ComponentState.NotUsed, "No wallet is configured."),
        { HaltCode: not null } => Of(Components.Chain, ComponentState.Degraded, "Minting is paused; requests are kept and wait."),
        { UpdatedAt: var seen } when now - seen > ChainLost => Of(Components.Chain, ComponentState.Outage, "Not reached; mints are kept and wait."),
        { UpdatedAt: var seen } when now - seen > ChainSlow => Of(Components.Chain, ComponentState.Degraded, "Answers late; mints may take longer."),
        { TipHeight: var height } => Of(Components.Chain, ComponentState.Operational, FormattableString.Invariant($"Followed to block {height}.")),
    };

    private static ComponentStatus Ipfs(StatusFacts facts) => facts switch
    {
        { Worker.Report.Pins: false } => Of(Components.Ipfs, ComponentState.NotUsed, "No service to pin to is configured."),
        { Pins.Failed: > 0 } => Of(Components.Ipfs, ComponentState.Degraded, "Some files could not be pinned; they are kept by the platform."),
        { Pins.Waiting: > 0 } => Of(Components.Ipfs, ComponentState.Degraded, "Some files wait to be pinned; they are kept by the platform."),
        { Worker: null, Pins.Pinned: 0 } => Of(Components.Ipfs, ComponentState.Unknown, "Nothing was pinned yet."),
        _ => Of(Components.Ipfs, ComponentState.Operational, "Takes files."),
    };

    private static ComponentStatus Stores(StatusFacts facts)
    {
        var (all, good) = (facts.Recovery.Stores.Count, facts.Recovery.Stores.Count(s => s.Fault is null && s.WalFault is null));
        return facts.Recovery.State switch
        {
            "none" when facts.Worker is { Report.Archives: false } => Of(Components.Stores, ComponentState.NotUsed, "This deployment makes no backups by itself."),
            "none" => Of(Components.Stores, ComponentState.Unknown, "No backup has been reported since the database started."),
            "stale" => Of(Components.Stores, ComponentState.Degraded, "The last report on backups is old."),
            _ when all > 0 && good == 0 => Of(Components.Stores, ComponentState.Outage, "No store answers; changes are kept until one does."),
            _ when good < all => Of(Components.Stores, ComponentState.Degraded, FormattableString.Invariant($"{good} of {all} stores answer.")),
            _ => Of(Components.Stores, ComponentState.Operational, all == 1 ? "The store answers." : FormattableString.Invariant($"All {all} stores answer.")),
        };
    }

    /// <summary>What one store alone could give back counts: the one that reaches furthest.</summary>
    private static RecoverySummary Recovery(StatusFacts facts)
    {
        var stores = facts.Recovery.Stores;
        var best = stores.Where(s => s.RestorableTo is not null).OrderByDescending(s => s.RestorableTo).ThenBy(s => s.RestorableFrom).FirstOrDefault();
        return new RecoverySummary(
            facts.Recovery.State, best?.RestorableFrom, best?.RestorableTo, stores.Min(s => s.WalLagSeconds), facts.Recovery.LastBackupAt, stores.Max(s => s.LastVerifiedAt),
            stores.Count, stores.Count(s => s.Fault is null));
    }

    private static ComponentStatus Of(string component, ComponentState state, string detail) => new(component, Components.Title(component), state.Wire(), detail);
}
