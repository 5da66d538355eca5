namespace CardanoRwa.DevNet.Admin;

/// <summary>The page at the root: one file, no script or style from elsewhere.</summary>
internal static class Page
{
    private static readonly byte[] Html = Read();

    internal static IResult Show(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:";
        return Results.Bytes(Html, "text/html; charset=utf-8");
    }

    private static byte[] Read()
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream("page.html")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
