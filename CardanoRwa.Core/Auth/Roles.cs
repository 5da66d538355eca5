namespace CardanoRwa.Core.Auth;

/// <summary>The platform's roles. Every role may read; <see cref="Admin"/> may do everything.</summary>
public static class Roles
{
    public const string Viewer = "viewer";
    public const string Issuer = "issuer";
    public const string Compliance = "compliance";
    public const string Operator = "operator";
    public const string Admin = "admin";

    public static readonly IReadOnlyList<string> All = [Viewer, Issuer, Compliance, Operator, Admin];
}
