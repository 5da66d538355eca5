using CardanoRwa.Api.Pages;
using CardanoRwa.Api.Status;
using CardanoRwa.Core.Status;

namespace CardanoRwa.Api.Ops;

/// <summary>An incident as the public sees it, and the way to tell how it goes on.</summary>
internal static class IncidentPage
{
    private static readonly (string State, string Words)[] States =
    [
        ("investigating", "Investigating: we look for the cause"), ("identified", "Identified: we know the cause"), ("monitoring", "Monitoring: it should be over, we watch"), ("resolved", "Resolved: it is over, for good"),
    ];

    public static Page Of(Incident incident, OpsDesk desk)
    {
        var view = IncidentView.Of(incident);
        return new Page("Incident", Html.Of($"""
            <h1>Incident</h1>
            <h2>As everyone reads it</h2>
            {StatusPage.Incident(view)}
            {(view.State == "resolved" ? Html.Of($"""<p class="muted">It is resolved; what was told stays as it is.</p>""") : Html.Of($"""
                <h2>Tell how it goes on</h2>
                {OpsForm.Start($"/ops/incidents/{view.Id}/updates", desk.FormToken, "panel")}
                <label>It is now<select name="state">{Html.All(States, s => Html.Of($"""<option value="{s.State}"{(s.State == view.State ? " selected" : "")}>{s.Words}</option>"""))}</select></label>
                <label>Message<textarea name="message" rows="4" maxlength="2000" required></textarea></label>
                <button>Publish</button></form>
                """))}
            <p><a href="/ops">Back to the overview</a></p>
            """)) { UsesScript = true, Navigation = desk.Navigation };
    }
}
