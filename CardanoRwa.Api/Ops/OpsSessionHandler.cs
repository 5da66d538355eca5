using System.Security.Claims;
using System.Text.Encodings.Web;
using CardanoRwa.Core.Auth;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Api.Ops;

/// <summary>Knows a browser by its session. Only the operator page asks for it: the Api takes no cookies, so no foreign page can make one act there.</summary>
internal sealed class OpsSessionHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IHostEnvironment environment)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "OpsSession";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (OpsCookie.Read(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }
        var session = await Context.RequestServices.GetRequiredService<OpsSessions>().FindAsync(token, Context.RequestAborted);
        if (session is null || (session.KeyId is null && !environment.IsDevelopment()))
        {
            return AuthenticateResult.NoResult();
        }
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, session.Actor), .. session.Roles.Select(r => new Claim(ClaimTypes.Role, r))], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.CacheControl = "no-store";
        Response.StatusCode = StatusCodes.Status303SeeOther;
        Response.Headers.Location = OpsEndpoints.SignInPath;
        return Task.CompletedTask;
    }
}
