using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CardanoRwa.DevNet.Ipfs;

/// <summary>Files of a multipart body, imported while they arrive.</summary>
internal static class Uploads
{
    internal static async IAsyncEnumerable<(string? Name, DagLink Root)> ImportAsync(HttpRequest request, BlockStore? store, TreeOptions options)
    {
        // An upload is bounded by the room in the store, not by the server's default of 30 MB.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary) throw new IOException("file argument 'path' is required");
        var reader = new MultipartReader(boundary, request.Body);
        var cancellation = request.HttpContext.RequestAborted;
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
        {
            if (section.ContentType == "application/x-directory") throw new IOException("directories are not supported by this subset");
            var name = ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) ? HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value : null;
            yield return (string.IsNullOrEmpty(name) ? null : Uri.UnescapeDataString(name), await FileTree.ReadAsync(section.Body, options, store is null ? null : store.Put, cancellation));
        }
    }
}
