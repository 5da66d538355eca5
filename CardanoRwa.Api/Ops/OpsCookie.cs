using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CardanoRwa.Api.Ops;

/// <summary>
/// The browser's secret, and the token of forms that follows from it: whoever cannot read the cookie cannot make a form that is taken. Both
/// hold in every replica, and no key of the server's is needed.
/// </summary>
internal static class OpsCookie
{
    private const string Name = "rwa-ops";
    private const int Size = 32;
    private const int Length = 43; // of 32 bytes in base64url

    public static string? Read(HttpRequest request) => request.Cookies[Name] is { Length: Length } token && Base64Url.IsValid(token) ? token : null;

    /// <summary>A new one; the old one, whoever else may know it, means nothing from then on.</summary>
    public static string Issue(HttpContext context)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Size));
        context.Response.Cookies.Append(Name, token, Options(context));
        return token;
    }

    public static void Remove(HttpContext context) => context.Response.Cookies.Delete(Name, Options(context));

    public static string FormToken(string token) => Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(token), "rwa-ops-form"u8));

    /// <summary>A form of this very page, sent by the browser that was given it.</summary>
    public static bool IsOwnForm(HttpRequest request, string? formToken)
    {
        if (request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none"))
        {
            return false;
        }
        return Read(request) is { } token && formToken is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(FormToken(token)), Encoding.UTF8.GetBytes(formToken));
    }

    private static CookieOptions Options(HttpContext context) => new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/ops", IsEssential = true };
}
