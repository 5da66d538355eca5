namespace CardanoRwa.Api.Pages;

internal static class ETags
{
    /// <summary>Whether the client has it already. A CDN that compresses what it passes on makes the tag a weak one, which is as good for reading.</summary>
    public static bool Matches(HttpRequest request, string etag) => request.Headers.IfNoneMatch.Any(tags => tags is not null && tags.Split(',').Any(tag => tag.Trim() is var one && (one == etag || one == "*" || one == $"W/{etag}")));
}
