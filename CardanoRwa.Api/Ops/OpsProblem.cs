using CardanoRwa.Api.Pages;
using CardanoRwa.Api.Problems;
using CardanoRwa.Core;

namespace CardanoRwa.Api.Ops;

/// <summary>A 'no' for a person: the same words as the Api's, on a page.</summary>
internal static class OpsProblem
{
    /// <summary>A page where a person is at it, else the problem as it is.</summary>
    public static IResult For(HttpContext context, ProblemHttpResult problem) => context.Request.Path.StartsWithSegments("/ops")
        ? Page(problem.StatusCode, problem.ProblemDetails.Detail ?? "That was not possible", problem.ProblemDetails.Extensions.TryGetValue("hint", out var hint) ? $"{hint}" : "")
        : problem;

    public static Page Of(Refusal refusal) => new(refusal.Detail, Html.Of($"""
        <h1>That was refused</h1>
        <div class="note bad" role="alert"><p>{refusal.Detail}</p><p>{refusal.Hint}</p>
        {(refusal.Errors is null ? Html.Empty : Html.Of($"""<ul>{Html.All(refusal.Errors, e => Html.Of($"<li><strong>{e.Key}</strong> {string.Join(", ", e.Value)}</li>"))}</ul>"""))}</div>
        <p>Go back in your browser to find what you wrote, or <a href="/ops">begin anew</a>.</p>
        """), refusal.ToProblem().StatusCode);

    public static Page Page(int status, string title, string text) => new(title, Html.Of($"""
        <h1>{title}</h1><p>{text}</p><p><a href="/ops">To the operator page</a>, <a href="/status">to the public status</a></p>
        """), status);
}
