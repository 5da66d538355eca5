using CardanoRwa.Core.Caching;
using Microsoft.AspNetCore.WebUtilities;

namespace CardanoRwa.Api.Assets;

/// <summary>A read's bytes as they are, or 304 to a client that has them.</summary>
internal sealed class Answer(CachedAnswer answer) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, answer);

    public static Task WriteAsync(HttpContext httpContext, CachedAnswer answer)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        response.Headers.CacheControl = "private, no-cache";
        if (answer.ETag is not null)
        {
            response.Headers.ETag = answer.ETag;
        }
        if (answer.Next is not null)
        {
            response.Headers.Link = answer.Link ??= Link(request, answer.Next);
        }
        if (answer.ETag is not null && request.Headers.IfNoneMatch is { Count: > 0 } held && held.Any(tags => tags is not null && tags.Split(',').Any(tag => tag.Trim() == answer.ETag)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = answer.Body.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.Body.WriteAsync(answer.Body, httpContext.RequestAborted).AsTask();
    }

    private static string Link(HttpRequest request, string next)
    {
        var query = request.Query.Where(q => q.Key != "cursor").Append(new("cursor", next));
        return $"<{QueryHelpers.AddQueryString(request.PathBase + request.Path, query)}>; rel=\"next\"";
    }
}
