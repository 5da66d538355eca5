using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Api.Auth;

public sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>The OIDC authority whose bearer tokens are accepted, such as https://login.example.com/realm; none: API keys only.</summary>
    [Url]
    public string? Authority { get; set; }

    /// <summary>The audience tokens must be for.</summary>
    public string Audience { get; set; } = "cardano-rwa";

    /// <summary>The claim that holds the caller's roles.</summary>
    [Required]
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Lets anyone read the registry.</summary>
    public bool PublicReads { get; set; }

    /// <summary>How long a key that was found is trusted before it is looked up again; a revocation counts after at most this.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromSeconds(30);
}
