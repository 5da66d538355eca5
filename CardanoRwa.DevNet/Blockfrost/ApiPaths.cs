using System.Buffers;

namespace CardanoRwa.DevNet.Blockfrost;

/// <summary>Blockfrost answers below <c>/api/v0</c>; clients that are given a back end of their own put their paths right after it.</summary>
internal static class ApiPaths
{
    internal const string Prefix = "/api/v0";

    internal static string WithoutPrefix(PathString path) =>
        path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase, out var rest) ? rest.Value ?? "" : path.Value ?? "";

    /// <summary>Double slashes collapse, as in front of the real service: some clients join a base that ends in one.</summary>
    internal static IApplicationBuilder UseCollapsedSlashes(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Path.Value is { } path && path.Contains("//", StringComparison.Ordinal))
        {
            context.Request.Path = "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));
        }

        // The probe and Blockfrost have the same path at the root; whoever shows a project or wants JSON is a client of Blockfrost.
        if (context.Request.Path == "/health" && (context.Request.Headers.ContainsKey("project_id") || context.Request.Headers.Accept.ToString().Contains("json", StringComparison.Ordinal)))
        {
            context.Request.Path = Prefix + "/health";
        }

        return next(context);
    });

    /// <summary>The whole body; null if it has more than <paramref name="limit"/> bytes.</summary>
    internal static async Task<byte[]?> ReadBodyAsync(HttpRequest request, int limit)
    {
        if (request.ContentLength > limit) return null;
        var buffer = new ArrayBufferWriter<byte>(request.ContentLength is { } length and > 0 ? (int)length : 4096);
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            foreach (var segment in read.Buffer) buffer.Write(segment.Span);
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (buffer.WrittenCount > limit) return null;
            if (read.IsCompleted) return buffer.WrittenSpan.ToArray();
        }
    }
}
