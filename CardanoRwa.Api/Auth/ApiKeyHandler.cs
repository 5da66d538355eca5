using System.Collections.Concurrent;
using System.Security.Claims;
using System.Text.Encodings.Web;
using CardanoRwa.Core.Auth;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Api.Auth;

internal sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, KnownKeys known)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string Header = "X-Api-Key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Request.Headers.TryGetValue(Header, out var header))
        {
            return AuthenticateResult.NoResult();
        }
        if (header is not [{ Length: > 0 } key] || await known.FindAsync(key, Context) is not { } principal)
        {
            return AuthenticateResult.Fail("Unknown API key.");
        }
        return AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
    }
}

/// <summary>Keys that were found lately, so that a busy client does not cost a query a request.</summary>
internal sealed class KnownKeys(IHostEnvironment environment, IOptions<AuthOptions> options, TimeProvider clock)
{
    public const string DevelopmentKey = "rwa-dev-key";
    private const int Most = 10_000;
    private static readonly ClaimsPrincipal Developer = Principal("key:development", [Roles.Admin]);
    private readonly ConcurrentDictionary<string, (ClaimsPrincipal Principal, DateTimeOffset Until)> _found = new(StringComparer.Ordinal);

    public async ValueTask<ClaimsPrincipal?> FindAsync(string key, HttpContext context)
    {
        if (environment.IsDevelopment() && key == DevelopmentKey)
        {
            return Developer;
        }
        var now = clock.GetUtcNow();
        if (_found.TryGetValue(key, out var entry) && entry.Until > now)
        {
            return entry.Principal;
        }
        _found.TryRemove(key, out _);
        var stored = await context.RequestServices.GetRequiredService<ApiKeyStore>().FindAsync(key, context.RequestAborted);
        if (stored is null)
        {
            return null;
        }
        if (_found.Count >= Most)
        {
            _found.Clear();
        }
        var until = now + options.Value.KeyLifetime;
        var principal = Principal($"key:{stored.Name}", stored.Roles);
        _found[key] = (principal, stored.ExpiresAt < until ? stored.ExpiresAt.Value : until);
        return principal;
    }

    private static ClaimsPrincipal Principal(string name, IEnumerable<string> roles) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), .. roles.Select(r => new Claim(ClaimTypes.Role, r))], ApiKeyHandler.SchemeName));
}
