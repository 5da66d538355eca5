using System.Text.Json;
using CardanoRwa.Api.Pages;
using CardanoRwa.Api.Status;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Restored;

namespace CardanoRwa.Api.Ops;

/// <summary>A job and how far it is, until it is over: the script replaces the live part, without it the page loads itself again.</summary>
internal static class JobPage
{
    private const int Turn = 2;

    public static Page Of(Job job, OpsDesk desk, DateTimeOffset now) => new($"{Words.Title(job.Kind)} job", Html.Of($"""
        <h1>{Words.Title(job.Kind)} job</h1>
        <p class="muted">Asked for by {job.RequestedBy} at {Words.Time(job.RequestedAt, "yyyy-MM-dd HH:mm:ss 'UTC'")}.</p>
        <div id="live"{(job.IsOver ? Html.Empty : Html.Of($""" data-again="{Turn}" """))}>
        <p role="status">{StatusPage.State(job.State.Wire())}{(job.Step is null || job.IsOver ? "" : $": {job.Step}")}{(job.CancelRequested && !job.IsOver ? ", being cancelled" : "")}</p>
        <p><label>Progress, {job.Progress * 100:0} %<progress max="100" value="{job.Progress * 100:0}">{job.Progress * 100:0} %</progress></label></p>
        <dl class="facts">
        <div><dt>Began</dt><dd>{(job.StartedAt is null ? Html.Of($"not yet") : Words.Time(job.StartedAt, "HH:mm:ss 'UTC'"))}</dd></div>
        <div><dt>{(job.IsOver ? "Took" : "Runs for")}</dt><dd>{(job.StartedAt is { } began ? Words.Span(((job.FinishedAt ?? now) - began).TotalSeconds) : "not yet")}</dd></div>
        <div><dt>Worker</dt><dd class="mono">{job.Worker ?? "none yet"}</dd></div>
        </dl>
        {(job.FailureCode is null ? Html.Empty : Html.Of($"""<div class="note bad"><p><span class="mono">{job.FailureCode}</span>: {job.FailureDetail}</p><p>{job.FailureHint}</p></div>"""))}
        {(job.Result is null ? Html.Empty : Result(job.Kind, JsonElement.Parse(job.Result)))}
        {(job.IsOver ? Html.Empty : desk.Button($"/ops/jobs/{job.Id}/cancel", "Cancel", "this job"))}
        </div>
        <p><a href="/ops">Back to the overview</a></p>
        """)) { UsesScript = true, RefreshSeconds = job.IsOver ? null : Turn, Navigation = desk.Navigation };

    private static Html Result(string kind, JsonElement result) => kind == DrillRequests.JobKind && result.TryGetProperty("attempts", out var attempts) ? Drill(result, attempts) : Html.Of($"""
        <h2>Result</h2><dl class="facts">{Html.All(result.EnumerateObject().Where(p => p.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)), p => Html.Of($"""<div><dt>{p.Name}</dt><dd class="mono">{p.Value.ToString()}</dd></div>"""))}</dl>
        """);

    /// <summary>One that failed is a job that succeeded: it found what it was there to find.</summary>
    private static Html Drill(JsonElement report, JsonElement attempts)
    {
        var passed = report.GetProperty("passed").GetBoolean();
        return Html.Of($"""
            <h2>Result</h2>
            <p class="note {(passed ? "good" : "bad")}">The drill {(passed ? "passed" : "failed")}: recovered in {Words.Span(Number(report, "rtoSeconds"))} (target {Words.Span(Number(report, "rtoTargetSeconds"))}), lost {Words.Span(Number(report, "rpoSeconds"))} (target {Words.Span(Number(report, "rpoTargetSeconds"))}).{Text(report, "fallback")}</p>
            {Html.All(attempts.EnumerateArray(), attempt => Html.Of($"""
                <div class="scroll" role="region" aria-label="Checks of the copy from {attempt.GetProperty("store").GetString()}" tabindex="0"><table><caption>From store {attempt.GetProperty("store").GetString()}, backup {Text(attempt, "backup")}</caption>
                <thead><tr><th scope="col">Check</th><th scope="col">Result</th><th scope="col">Detail</th></tr></thead><tbody>
                {Html.All(attempt.GetProperty("checks").EnumerateArray(), c => Html.Of($"""<tr><th scope="row">{Text(c, "name")}</th><td>{StatusPage.State(Text(c, "state"))}</td><td>{Text(c, "detail")}</td></tr>"""))}
                {Html.All(attempt.GetProperty("failures").EnumerateArray(), f => Html.Of($"""<tr><th scope="row">{Text(f, "reason")}</th><td>{StatusPage.State("failed")}</td><td>{Text(f, "object")} {Text(f, "detail")}</td></tr>"""))}
                </tbody></table></div>
                """))}
            """);
    }

    private static double? Number(JsonElement json, string member) => json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static string Text(JsonElement json, string member) => json.TryGetProperty(member, out var value) ? $" {value.GetString()}".Trim() : "";
}
