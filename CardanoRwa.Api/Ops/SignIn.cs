using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Pages;
using CardanoRwa.Core.Auth;

namespace CardanoRwa.Api.Ops;

/// <summary>An API key of an operator for a session: the key itself is in no cookie.</summary>
internal static class SignIn
{
    public static IResult Show(HttpContext context) => Form(context, null);

    public static async Task<IResult> EnterAsync(HttpContext context, ApiKeyStore keys, OpsSessions sessions, IHostEnvironment environment, CancellationToken cancellationToken)
    {
        var shown = context.Features.Get<OpsForm>()!["apiKey"]?.Trim() ?? "";
        var isDevelopment = environment.IsDevelopment() && shown == KnownKeys.DevelopmentKey;
        var key = isDevelopment ? null : await keys.FindAsync(shown, cancellationToken);
        if (!isDevelopment && key is null)
        {
            return Form(context, "There is no such key, or it was revoked or has expired.");
        }
        IReadOnlyList<string> roles = key?.Roles ?? [Roles.Admin];
        if (!roles.Contains(Roles.Operator) && !roles.Contains(Roles.Admin))
        {
            return Form(context, "This key is not an operator's.");
        }
        // Never the token from before, which somebody else may have planted.
        await sessions.OpenAsync(OpsCookie.Issue(context), key is null ? "key:development" : $"key:{key.Name}", key, roles, cancellationToken);
        return new SeeOther(OpsEndpoints.Path);
    }

    public static async Task<IResult> LeaveAsync(HttpContext context, OpsSessions sessions, CancellationToken cancellationToken)
    {
        await sessions.EndAsync(OpsCookie.Read(context.Request)!, context.User.Actor(), cancellationToken);
        OpsCookie.Remove(context);
        return new SeeOther(OpsEndpoints.SignInPath);
    }

    private static Page Form(HttpContext context, string? fault)
    {
        var token = OpsCookie.Read(context.Request) ?? OpsCookie.Issue(context);
        return new Page("Sign in", Html.Of($"""
            <div class="narrow"><h1>Operator page</h1>
            {(fault is null ? Html.Empty : Html.Of($"""<p class="note bad" role="alert" id="fault">{fault}</p>"""))}
            {OpsForm.Start(OpsEndpoints.SignInPath, OpsCookie.FormToken(token), "panel")}
            <label>API key with the role operator or admin<input name="apiKey" type="password" autocomplete="current-password" required{(fault is null ? Html.Empty : Html.Of($""" aria-describedby="fault" aria-invalid="true" """))}></label>
            <button>Sign in</button></form>
            <p class="muted">You stay signed in for {OpsSessions.Lifetime.TotalHours:0} hours, in this browser only. What you do here is audited under the key's name.</p></div>
            """), fault is null ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden);
    }
}
