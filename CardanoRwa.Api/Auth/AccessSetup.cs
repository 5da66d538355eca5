using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace CardanoRwa.Api.Auth;

internal static class AccessSetup
{
    private const string ByHeader = "ByHeader";

    public static IHostApplicationBuilder AddAccessControl(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AuthOptions>().BindConfiguration(AuthOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var options = builder.Configuration.GetSection(AuthOptions.Section).Get<AuthOptions>() ?? new AuthOptions();
        services.AddSingleton<KnownKeys>();
        services.AddHostedService<ProductionGuard>();

        var authentication = services.AddAuthentication(ByHeader)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddPolicyScheme(ByHeader, null, scheme => scheme.ForwardDefaultSelector = context =>
                options.Authority is not null && !context.Request.Headers.ContainsKey(ApiKeyHandler.Header) ? JwtBearerDefaults.AuthenticationScheme : ApiKeyHandler.SchemeName);
        if (options.Authority is not null)
        {
            authentication.AddJwtBearer(jwt => Configure(jwt, options, builder.Environment.IsDevelopment()));
        }
        Access.AddPolicies(services.AddAuthorizationBuilder(), options.PublicReads);
        return builder;
    }

    public static void UseAccessControl(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
    }

    private static void Configure(JwtBearerOptions jwt, AuthOptions options, bool development)
    {
        jwt.Authority = options.Authority;
        jwt.Audience = options.Audience;
        jwt.MapInboundClaims = false;
        jwt.RequireHttpsMetadata = !development;
        jwt.TokenValidationParameters.RoleClaimType = options.RoleClaim;
        jwt.TokenValidationParameters.NameClaimType = ClaimTypes.Name;
        jwt.Events = new JwtBearerEvents
        {
            // The subject, not a display name: names change and can be chosen.
            OnTokenValidated = context =>
            {
                if (context.Principal?.FindFirst("sub")?.Value is not { Length: > 0 and < 190 } subject)
                {
                    context.Fail("The token names no subject.");
                    return Task.CompletedTask;
                }
                ((ClaimsIdentity)context.Principal.Identity!).AddClaim(new Claim(ClaimTypes.Name, $"user:{subject}"));
                return Task.CompletedTask;
            },
        };
    }
}
