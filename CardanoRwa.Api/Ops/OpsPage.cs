using CardanoRwa.Api.Pages;
using CardanoRwa.Api.Status;
using CardanoRwa.Core.Status;

namespace CardanoRwa.Api.Ops;

/// <summary>Who is at the page, and what makes a form theirs.</summary>
internal sealed record OpsDesk(string Actor, string FormToken)
{
    public Html Navigation => Html.Of($"""
        <nav aria-label="Pages"><a href="/status">Status</a> <a href="/ops">Operators</a> <span class="muted">{Actor}</span> {OpsForm.Start("/ops/sign-out", FormToken)}<button class="quiet">Sign out</button></form></nav>
        """);

    public Html Button(string action, string text, string about) =>
        Html.Of($"""{OpsForm.Start(action, FormToken)}<button class="quiet">{text}<span class="hidden"> {about}</span></button></form>""");
}

/// <summary>The overview: what is wrong first, then what can be done.</summary>
internal static class OpsPage
{
    public static Page Of(OperatorOverview o, OpsDesk desk, string? done) => new("Operators", Html.Of($"""
        <h1>Operators</h1>
        {(done == "redelivered" ? Html.Of($"""<p class="note good" role="status">The delivery is tried again.</p>""") : Html.Empty)}
        {Backups(o, desk)}
        {Drills(o, desk)}
        {Jobs(o, desk)}
        {Minting(o)}
        {Snapshots(o)}
        {DeadLetters(o, desk)}
        {Incidents(o, desk)}
        """)) { UsesScript = true, Navigation = desk.Navigation };

    private static Html Backups(OperatorOverview o, OpsDesk desk)
    {
        var r = o.Recovery;
        return Html.Of($"""
            <section aria-labelledby="backups"><h2 id="backups">Backups and WAL</h2>
            {(r.State == "none" ? Html.Of($"""<p class="muted">No worker that makes backups has reported.</p>""") : Html.Of($"""
                {(r.Warnings.Count == 0 ? Html.Empty : Html.Of($"""<div class="note bad"><p>Warnings: <span class="mono">{string.Join(", ", r.Warnings)}</span></p></div>"""))}
                <dl class="facts">
                <div><dt>Report</dt><dd>{r.State}, {Words.Span(r.ReportAgeSeconds)} old, by {r.Worker}</dd></div>
                <div><dt>WAL receiver</dt><dd>{r.Receiver}{(r.Synchronous ? ", synchronous" : "")}{(r.ReceiverFault is null ? "" : $": {r.ReceiverFault}")}</dd></div>
                <div><dt>Slot {r.Slot?.Name}</dt><dd>{Words.Bytes(r.Slot?.RetainedBytes ?? 0)} kept{(r.Slot?.LimitBytes is { } limit ? $" of at most {Words.Bytes(limit)}" : ", without a limit")}</dd></div>
                <div><dt>Newest base backup</dt><dd>{Words.Span(r.LastBackupAgeSeconds)} old</dd></div>
                </dl>
                {Table("Stores", ["Store", "Restorable from", "to", "WAL lag", "Backups", "Read back", "Fault"], r.Stores, s => Html.Of($"""
                    <tr><th scope="row">{s.Store}</th><td>{Words.Time(s.RestorableFrom)}</td><td>{Words.Time(s.RestorableTo, "yyyy-MM-dd HH:mm:ss 'UTC'")}</td><td>{Words.Span(s.WalLagSeconds)}, {Words.Bytes(s.WalLagBytes ?? 0)}</td><td>{s.Backups}</td><td>{Words.Time(s.LastVerifiedAt)}</td><td>{s.Fault ?? s.WalFault ?? s.Gap ?? "none"}</td></tr>
                    """))}
                {Table("Newest backups", ["Backup", "Kind", "State", "Ended", "Restores to", "Stored", "In"], o.Backups, b => Html.Of($"""
                    <tr><th scope="row" class="mono">{b.Id}</th><td>{b.Kind}</td><td>{b.State}</td><td>{Words.Time(b.StoppedAt)}</td><td>{Words.Bytes(b.FileBytes)}</td><td>{Words.Bytes(b.StoredBytes)}</td><td>{string.Join(", ", b.Stores.Select(s => s.VerifiedAt is null ? s.Store : $"{s.Store} (read back)"))}</td></tr>
                    """))}
                """))}
            {OpsForm.Start("/ops/backups", desk.FormToken, "panel narrow")}<label class="choice"><input type="checkbox" name="incremental" value="yes"> Only what changed since the newest</label><button>Back up now</button></form>
            </section>
            """);
    }

    private static Html Drills(OperatorOverview o, OpsDesk desk) => Html.Of($"""
        <section aria-labelledby="drills"><h2 id="drills">Drills</h2>
        {StatusPage.LastDrill(o.Drills)}
        {(o.Drills.Count < 2 ? Html.Empty : Table("Earlier drills", ["Began", "Kind", "Result", "Recovered in", "Lost"], o.Drills.Skip(1).ToList(), d => Html.Of($"""
            <tr><th scope="row">{Words.Time(d.At)}</th><td>{(d.Kind == "full" ? "full" : "restore test")}</td><td>{StatusPage.State(d.Passed ? "passed" : "failed")}</td><td>{Words.Span(d.RtoSeconds)}</td><td>{Words.Span(d.RpoSeconds)}</td></tr>
            """)))}
        {OpsForm.Start("/ops/drills", desk.FormToken, "panel narrow")}<label class="choice"><input type="checkbox" name="full" value="yes"> Full: read every page and every index too</label><button>Start a drill</button></form>
        </section>
        """);

    private static Html Jobs(OperatorOverview o, OpsDesk desk) => Html.Of($"""
        <section aria-labelledby="jobs"><h2 id="jobs">Jobs</h2>
        {(o.Jobs.Count == 0 ? Html.Of($"""<p class="muted">Nobody asked for one yet.</p>""") : Table("Newest jobs", ["Job", "State", "Asked for", "By", "Progress", "Action"], o.Jobs, j => Html.Of($"""
            <tr><th scope="row"><a href="/ops/jobs/{j.Id}">{Words.Title(j.Kind)}<span class="hidden"> of {Words.Time(j.RequestedAt, "HH:mm:ss")}</span></a></th><td>{StatusPage.State(j.State.Wire())}</td><td>{Words.Time(j.RequestedAt)}</td><td>{j.RequestedBy}</td><td>{j.Progress * 100:0} %{(j.Step is null || j.IsOver ? "" : $", {j.Step}")}</td><td>{(j.IsOver ? Html.Empty : desk.Button($"/ops/jobs/{j.Id}/cancel", "Cancel", $"{j.Kind} job"))}</td></tr>
            """)))}
        </section>
        """);

    private static Html Minting(OperatorOverview o) => Html.Of($"""
        <section aria-labelledby="minting"><h2 id="minting">Mint queue and chain</h2>
        {(o.Wallet is { HaltCode: { } code } halted ? Html.Of($"""<div class="note bad"><p>Minting is halted (<span class="mono">{code}</span>): {halted.HaltReason}</p></div>""") : Html.Empty)}
        <dl class="facts">
        {(o.Queue.Count == 0 ? Html.Of($"<div><dt>Operations under way</dt><dd>none</dd></div>") : Html.All(o.Queue, q => Html.Of($"<div><dt>{Words.Title(q.State)}</dt><dd>{q.Count:#,0}, the oldest {Words.Span((o.At - q.Oldest).TotalSeconds)} old</dd></div>")))}
        {(o.Wallet is { } wallet ? Html.Of($"""
            <div><dt>Chain</dt><dd>{wallet.Network}, block {wallet.TipHeight:#,0}, looked at {Words.Span(Math.Max(0, (o.At - wallet.UpdatedAt).TotalSeconds))} ago</dd></div>
            <div><dt>Wallet for fees</dt><dd>{wallet.Lovelace / 1_000_000.0:#,0.0} ada</dd></div>
            <div><dt>Address for fees</dt><dd class="mono">{wallet.FeeAddress}</dd></div>
            """) : Html.Of($"<div><dt>Chain</dt><dd>no wallet is configured</dd></div>"))}
        </dl></section>
        """);

    private static Html Snapshots(OperatorOverview o) => Html.Of($"""
        <section aria-labelledby="snapshots"><h2 id="snapshots">Chain snapshots</h2>
        {(o.Snapshots is not var (report, age) || report.Newest.Count == 0 ? Html.Of($"""<p class="muted">No worker that takes them has reported one.</p>""") : Table($"{report.Count} kept, as of {Words.Span(age.TotalSeconds)} ago", ["Snapshot", "Taken", "Block", "IPFS", "Root on the chain"], report.Newest, s => Html.Of($"""
            <tr><th scope="row" class="mono">{s.Id}</th><td>{Words.Time(s.TakenAt)}</td><td>{s.Height:#,0}</td><td class="mono">{s.Pinned ?? s.Fault ?? "not pinned"}</td><td class="mono">{s.Anchor ?? "no"}</td></tr>
            """)))}
        </section>
        """);

    private static Html DeadLetters(OperatorOverview o, OpsDesk desk) => Html.Of($"""
        <section aria-labelledby="dead-letters"><h2 id="dead-letters">Webhook deliveries given up</h2>
        {(o.DeadLetters.Count == 0 ? Html.Of($"""<p class="muted">None.</p>""") : Table($"Newest of {o.DeadLetterCount:#,0}", ["Event", "Given up", "Tries", "Last answer", "Action"], o.DeadLetters, d => Html.Of($"""
            <tr><th scope="row">{d.EventType}</th><td>{Words.Time(d.FinishedAt)}</td><td>{d.Attempts}</td><td>{(d.LastStatus is { } status ? $"HTTP {status} " : "")}{d.LastError}</td><td>{desk.Button($"/ops/dead-letters/{d.Id}/redeliver", "Try again", $"to deliver {d.EventType}")}</td></tr>
            """)))}
        </section>
        """);

    private static Html Incidents(OperatorOverview o, OpsDesk desk) => Html.Of($"""
        <section aria-labelledby="incidents"><h2 id="incidents">Incidents</h2>
        {(o.Incidents.Count == 0 ? Html.Of($"""<p class="muted">None is open.</p>""") : Html.Of($"""<ul>{Html.All(o.Incidents, i => Html.Of($"""<li><a href="/ops/incidents/{i.Id}">{i.Title}</a>, {i.State.Wire()}, since {Words.Time(i.DeclaredAt)}</li>"""))}</ul>"""))}
        <h3>Declare an incident</h3>
        <p class="muted">Everyone reads it at once on the <a href="/status">status page</a>.</p>
        {OpsForm.Start("/ops/incidents", desk.FormToken, "panel")}
        <label>Title<input name="title" maxlength="200" required></label>
        <label>Impact<select name="impact"><option value="minor">Minor: hardly anyone notices</option><option value="major">Major: something is slow or missing</option><option value="critical">Critical: the platform cannot be used</option></select></label>
        <fieldset><legend>Concerns</legend>{Html.All(Components.All, c => Html.Of($"""<label class="choice"><input type="checkbox" name="components" value="{c}"> {Components.Title(c)}</label>"""))}</fieldset>
        <label>What is known<textarea name="message" rows="4" maxlength="2000" required></textarea></label>
        <button>Declare</button></form>
        </section>
        """);

    private static Html Table<T>(string caption, IReadOnlyList<string> heads, IReadOnlyList<T> rows, Func<T, Html> row) => Html.Of($"""
        <div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>
        <thead><tr>{Html.All(heads, h => Html.Of($"""<th scope="col">{h}</th>"""))}</tr></thead><tbody>{Html.All(rows, row)}</tbody></table></div>
        """);
}
