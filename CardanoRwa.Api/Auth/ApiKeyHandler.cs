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
        if (header is not [{ Length: > 0 } key] || await known.FindAsync(key, Context) is not { } found)
        {
            return AuthenticateResult.Fail("Unknown API key.");
        }
        return AuthenticateResult.Success(new AuthenticationTicket(found.Principal, SchemeName));
    }
}

/// <param name="Principal">Whose key it is.</param>
/// <param name="CanRead">Whether it may read the registry.</param>
/// <param name="Until">When it is looked up again.</param>
internal sealed record KnownKey(ClaimsPrincipal Principal, bool CanRead, DateTimeOffset Until);

/// <summary>Keys that were found lately, so that a busy client does not cost a query a request.</summary>
internal sealed class KnownKeys(IHostEnvironment environment, IOptions<AuthOptions> options, TimeProvider clock)
{
    public const string DevelopmentKey = "rwa-dev-key";
    private const int Most = 10_000;
    private static readonly KnownKey Developer = Make("key:development", [Roles.Admin], DateTimeOffset.MaxValue);
    private readonly bool _isDevelopment = environment.IsDevelopment();
    private readonly ConcurrentDictionary<string, KnownKey> _found = new(StringComparer.Ordinal);

    /// <returns>Null for a key that was not found lately, whether or not there is one.</returns>
    public KnownKey? Find(string key)
    {
        if (_isDevelopment && key == DevelopmentKey)
        {
            return Developer;
        }
        return _found.TryGetValue(key, out var known) && known.Until > clock.GetUtcNow() ? known : null;
    }

    public async ValueTask<KnownKey?> FindAsync(string key, HttpContext context)
    {
        if (Find(key) is { } known)
        {
            return known;
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
        var until = clock.GetUtcNow() + options.Value.KeyLifetime;
        known = Make($"key:{stored.Name}", stored.Roles, stored.ExpiresAt < until ? stored.ExpiresAt.Value : until);
        return _found[key] = known;
    }

    private static KnownKey Make(string name, IReadOnlyCollection<string> roles, DateTimeOffset until) => new(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), .. roles.Select(r => new Claim(ClaimTypes.Role, r))], ApiKeyHandler.SchemeName)),
        roles.Intersect(Roles.All).Any(), until);
}
