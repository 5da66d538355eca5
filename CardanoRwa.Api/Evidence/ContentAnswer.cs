using System.Globalization;
using CardanoRwa.Api.Problems;
using CardanoRwa.Core.Evidence;
using Microsoft.Net.Http.Headers;

namespace CardanoRwa.Api.Evidence;

/// <summary>
/// A document's bytes, whole or a range. Each chunk is checked before it is sent: damage in the first is a problem answer,
/// damage further on ends the connection, so that no client takes what it has for the whole.
/// </summary>
internal sealed class ContentAnswer(EvidenceItem item, EvidenceVault vault) : IResult
{
    private readonly EntityTagHeaderValue _tag = new($"\"{Convert.ToHexStringLower(item.Content.Sha256)}\"");

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request.GetTypedHeaders(), httpContext.Response);
        var length = item.Content.Length;
        response.Headers.ETag = _tag.ToString();
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = "private, no-cache";
        if (request.IfNoneMatch.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(_tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        if (Range(request, length) is not var (from, to))
        {
            response.Headers.ContentRange = new ContentRangeHeaderValue(length).ToString();
            await Refusals.Problem(416, "range_not_satisfiable", $"The document has {length.ToString(CultureInfo.InvariantCulture)} bytes.", "Ask for a range that begins within it.").ExecuteAsync(httpContext);
            return;
        }

        await using var chunks = vault.ReadAsync(item.Content, from, to - from, httpContext.RequestAborted).GetAsyncEnumerator(httpContext.RequestAborted);
        try
        {
            var any = await chunks.MoveNextAsync();
            Describe(response, from, to);
            for (; any; any = await chunks.MoveNextAsync())
            {
                await response.Body.WriteAsync(chunks.Current, httpContext.RequestAborted);
            }
        }
        catch (EvidenceDamagedException) when (!response.HasStarted)
        {
            response.Clear();
            await Refusals.Problem(500, "evidence_damaged", "The stored bytes no longer have the document's hash; none of them were sent.", "Send the document again with POST .../evidence to mend it, or tell the operator.").ExecuteAsync(httpContext);
        }
        catch (EvidenceDamagedException)
        {
            httpContext.Abort();
        }
    }

    private void Describe(HttpResponse response, long from, long to)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(item.Name);
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(item.Content.Sha256)}:";
        response.ContentType = item.MediaType;
        response.ContentLength = to - from;
        if (to - from != item.Content.Length)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = new ContentRangeHeaderValue(from, to - 1, item.Content.Length).ToString();
        }
    }

    /// <summary>Several ranges at once, or a range of another version, are answered with the whole; null is a range beyond the end.</summary>
    private (long From, long To)? Range(Microsoft.AspNetCore.Http.Headers.RequestHeaders request, long length)
    {
        if (request.Range is not { Unit.Value: "bytes", Ranges: { Count: 1 } ranges }
            || request.IfRange is { } condition && condition.EntityTag?.Compare(_tag, useStrongComparison: true) != true)
        {
            return (0, length);
        }
        var range = ranges.Single();
        if (range.From is { } from)
        {
            return from < length ? (from, Math.Min(range.To ?? length - 1, length - 1) + 1) : null;
        }
        return range.To is > 0 and var last ? (Math.Max(0, length - last), length) : null;
    }
}
