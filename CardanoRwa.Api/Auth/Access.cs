using System.Security.Claims;
using CardanoRwa.Core.Auth;
using Microsoft.AspNetCore.Authorization;

namespace CardanoRwa.Api.Auth;

/// <summary>Which roles an endpoint asks for. Admin may do everything; every role may read.</summary>
internal static class Access
{
    public const string Read = "read";

    public static TBuilder Reads<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(Read);

    public static TBuilder Issues<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(Roles.Issuer);

    public static TBuilder Complies<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(Roles.Compliance);

    public static TBuilder Operates<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(Roles.Operator);

    public static void AddPolicies(AuthorizationBuilder authorization, bool publicReads)
    {
        foreach (var role in Roles.All)
        {
            authorization.AddPolicy(role, policy => policy.RequireAuthenticatedUser().RequireRole(role, Roles.Admin));
        }
        authorization.AddPolicy(Read, policy =>
        {
            if (publicReads)
            {
                policy.RequireAssertion(_ => true);
            }
            else
            {
                policy.RequireAuthenticatedUser().RequireRole(Roles.All);
            }
        });
        // What names no role of its own is closed, not open.
        authorization.SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    /// <summary>Who is asking, as it stands in the audit trail.</summary>
    public static string Actor(this ClaimsPrincipal user) => user.Identity?.Name is { Length: > 0 } name ? name : "anonymous";
}
