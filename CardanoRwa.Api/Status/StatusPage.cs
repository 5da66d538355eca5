using CardanoRwa.Api.Pages;
using CardanoRwa.Core.Status;

namespace CardanoRwa.Api.Status;

/// <summary>The public page: words before colours, one column on a phone, no script.</summary>
internal static class StatusPage
{
    private static readonly Html Navigation = Html.Of($"""<nav aria-label="Pages"><a href="/status" aria-current="page">Status</a> <a href="/status.json">JSON</a></nav>""");

    public static byte[] Write(StatusDocument status) => new Page($"Status: {status.Summary}", Html.Of($"""
        <h1>Platform status</h1>
        <p class="banner {status.State}" role="status"><span class="mark" aria-hidden="true"></span><strong>{status.Summary}</strong></p>
        <p class="muted">As of {Words.Time(status.At, "yyyy-MM-dd HH:mm:ss 'UTC'")}.</p>
        {LastKnown(status)}
        {Incidents([.. status.Incidents.Where(i => i.State != "resolved")], "Open incidents", "No incident is open.")}
        {ComponentTable(status.Components)}
        {ServiceLevelPart(status.ServiceLevel)}
        {RecoveryPart(status)}
        {Incidents([.. status.Incidents.Where(i => i.State == "resolved")], "Resolved in the last 14 days", "None.")}
        """)) { Navigation = Navigation }.ToBytes();

    private static Html LastKnown(StatusDocument status) => status.Components.Any(c => c is { Name: Components.Database, State: "outage" })
        ? Html.Of($"""
            <p class="note">The database does not answer. {(status.DataAt is null ? Html.Of($"Nothing is known from before.") : Html.Of($"What follows was last known at {Words.Time(status.DataAt, "HH:mm:ss 'UTC'")}."))}</p>
            """)
        : Html.Empty;

    public static Html ComponentTable(IReadOnlyList<ComponentStatus> components) => Html.Of($"""
        <section aria-labelledby="components"><h2 id="components">Components</h2>
        <table class="stack"><caption class="hidden">Components and their state</caption>
        <thead><tr><th scope="col">Component</th><th scope="col">State</th><th scope="col">What that means</th></tr></thead>
        <tbody>{Html.All(components, c => Html.Of($"""<tr><th scope="row">{c.Title}</th><td>{State(c.State)}</td><td>{c.Detail}</td></tr>"""))}</tbody></table></section>
        """);

    public static Html State(string state) => Html.Of($"""<span class="state {state}"><span class="mark" aria-hidden="true"></span>{Words.Title(state)}</span>""");

    private static Html Incidents(IReadOnlyList<IncidentView> incidents, string title, string none)
    {
        var id = title.StartsWith("Open", StringComparison.Ordinal) ? "open" : "past";
        return Html.Of($"""
            <section aria-labelledby="{id}"><h2 id="{id}">{title}</h2>
            {(incidents.Count == 0 ? Html.Of($"""<p class="muted">{none}</p>""") : Html.All(incidents, Incident))}
            </section>
            """);
    }

    public static Html Incident(IncidentView incident) => Html.Of($"""
        <article class="incident {incident.Impact}" aria-label="{incident.Title}"><h3>{incident.Title}</h3>
        <p class="muted">{Words.Title(incident.State)}, {incident.Impact} impact{(incident.Components.Count == 0 ? "" : $"; concerns {string.Join(", ", incident.Components.Select(Components.Title))}")}. Declared {Words.Time(incident.DeclaredAt)}{(incident.ResolvedAt is null ? Html.Empty : Html.Of($", resolved {Words.Time(incident.ResolvedAt)}"))}.</p>
        <ol class="updates" reversed>{Html.All(incident.Updates, u => Html.Of($"""<li><p><strong>{Words.Title(u.State)}</strong> <span class="muted">{Words.Time(u.At)}</span></p><p class="prose">{u.Message}</p></li>"""))}</ol></article>
        """);

    private static Html ServiceLevelPart(ServiceLevel level)
    {
        var bars = level.Days.Where(d => d.Availability is not null)
            .Select(d => new Bar(d.Day.ToString("d MMM", System.Globalization.CultureInfo.InvariantCulture), d.Availability!.Value * 100, $"{Words.Percent(d.Availability)} of {d.Requests:#,0} requests, {d.Faults:#,0} failed", d.Availability >= level.Objective ? "good" : "bad")).ToList();
        // From the worst day down to the next round figure, or a bar would not tell 99.9 from 100.
        var foot = bars.Count == 0 ? 0 : bars.Min(b => b.Value) switch { >= 99.5 => 99.0, >= 95 => 90.0, _ => 0 };
        return Html.Of($"""
            <section aria-labelledby="level"><h2 id="level">Service level</h2>
            <dl class="facts">
            <div><dt>Objective</dt><dd>{Words.Percent(level.Objective)} of requests without a server's fault</dd></div>
            <div><dt>Availability</dt><dd>{Words.Percent(level.Availability)}</dd></div>
            <div><dt>Error budget left</dt><dd>{(level.BudgetRemaining is { } left ? Html.Of($"{left * 100:0.0} %") : Html.Of($"no requests"))}</dd></div>
            <div><dt>Counted</dt><dd>{level.Requests:#,0} requests, {level.Faults:#,0} failed, since {Words.Time(level.Since)}</dd></div>
            </dl>
            {Budget(level.BudgetRemaining)}
            <p class="muted">Counted by the platform's own Api processes over at most {level.WindowDays} days; what never reached them, such as a fault of the network, is not in it.</p>
            {BarChart.Draw("by-day", foot == 0 ? "Availability by day, in percent" : $"Availability by day, in percent, from {foot:0} % up", "Availability", bars, foot, level.Objective * 100, "99.9 %")}
            </section>
            """);
    }

    private static Html Budget(double? remaining) => remaining is { } share
        ? Html.Of($"""
            <svg class="budget" viewBox="0 0 600 14" role="img" aria-label="Error budget left: {share * 100:0.0} percent" preserveAspectRatio="none"><rect class="track" x="0" y="0" width="600" height="14"></rect><rect class="bar {(share > 0.25 ? "good" : "bad")}" x="0" y="0" width="{Math.Clamp(share, 0, 1) * 600:0.#}" height="14"></rect></svg>
            """)
        : Html.Empty;

    private static Html RecoveryPart(StatusDocument status)
    {
        var recovery = status.Recovery;
        return Html.Of($"""
            <section aria-labelledby="recovery"><h2 id="recovery">Recovery</h2>
            {(recovery.State == "none"
                ? Html.Of($"""<p class="muted">No backups are reported here.</p>""")
                : Html.Of($"""
                    <dl class="facts">
                    <div><dt>Any moment can be restored from</dt><dd>{Words.Time(recovery.From)}</dd></div>
                    <div><dt>to</dt><dd>{Words.Time(recovery.To, "yyyy-MM-dd HH:mm:ss 'UTC'")}{(recovery.State == "stale" ? " (the report is old)" : "")}</dd></div>
                    <div><dt>Log not yet in a store</dt><dd>{Words.Span(recovery.WalLagSeconds)}</dd></div>
                    <div><dt>Newest base backup</dt><dd>{Words.Time(recovery.LastBackupAt)}</dd></div>
                    <div><dt>A backup was last read back</dt><dd>{Words.Time(recovery.LastVerifiedAt)}</dd></div>
                    <div><dt>Stores that answer</dt><dd>{recovery.StoresAnswering} of {recovery.Stores}</dd></div>
                    </dl>
                    """))}
            <h3>Last drill</h3>
            {LastDrill(status.Drills)}
            {BarChart.Draw("rto", "Time to recover in drills, in seconds", "Time to recover", [.. status.Drills.Where(d => d.RtoSeconds is not null).Reverse().Select(d => new Bar(Day(d.At), d.RtoSeconds!.Value, $"{Words.Span(d.RtoSeconds)}, {(d.Passed ? "passed" : "failed")}", d.Passed ? "good" : "bad"))])}
            {BarChart.Draw("sizes", "Size of base backups in a store", "Size", [.. status.Backups.Reverse().Select(b => new Bar(b.At.UtcDateTime.ToString("d MMM HH:mm", System.Globalization.CultureInfo.InvariantCulture), b.StoredBytes, $"{b.Kind}, {Words.Bytes(b.StoredBytes)} stored for {Words.Bytes(b.FileBytes)}, {Words.Span((status.At - b.At).TotalSeconds)} old", "plain"))])}
            </section>
            """);
    }

    /// <summary>Measured beside what the plan promises.</summary>
    public static Html LastDrill(IReadOnlyList<DrillSummary> drills) => drills is [var last, ..]
        ? Html.Of($"""
            <table><caption>{(last.Kind == "full" ? "Full drill" : "Restore test")} of {Words.Time(last.At)}: {(last.Passed ? "passed" : "failed")}</caption>
            <thead><tr><th scope="col">What</th><th scope="col">Measured</th><th scope="col">Target</th><th scope="col">Met</th></tr></thead>
            <tbody>
            <tr><th scope="row">Time to recover (RTO)</th><td>{Words.Span(last.RtoSeconds)}</td><td>{Words.Span(last.RtoTargetSeconds)}</td><td>{Met(last.RtoSeconds, last.RtoTargetSeconds)}</td></tr>
            <tr><th scope="row">Data lost (RPO)</th><td>{Words.Span(last.RpoSeconds)}</td><td>{Words.Span(last.RpoTargetSeconds)}</td><td>{Met(last.RpoSeconds, last.RpoTargetSeconds)}</td></tr>
            </tbody></table>
            """)
        : Html.Of($"""<p class="muted">No drill was reported yet.</p>""");

    private static string Met(double? measured, double target) => measured is null ? "not measured" : measured <= target ? "yes" : "no";

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM", System.Globalization.CultureInfo.InvariantCulture);
}
