using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;

namespace CardanoRwa.Api.Pages;

/// <summary>The few files that pages use, from the assembly itself. A name carries its content's hash, so what was fetched once is good for ever.</summary>
internal static class StaticFiles
{
    /// <summary>Below /status, because that is what the CDN passes on to the Api.</summary>
    private const string Folder = "/status/static/";

    private static readonly FrozenDictionary<string, StaticFile> Files = Read().ToFrozenDictionary(f => f.Name);

    public static string Css { get; } = PathOf("site", "css");
    public static string Js { get; } = PathOf("ops", "js");

    public static WebApplication MapStaticFiles(this WebApplication app)
    {
        app.MapGet(Folder + "{name}", Get).AllowAnonymous().ExcludeFromDescription().DisableHttpMetrics();
        return app;
    }

    private static Results<FileContentHttpResult, NotFound> Get(string name, HttpContext context)
    {
        if (!Files.TryGetValue(name, out var file))
        {
            return TypedResults.NotFound();
        }
        context.Response.Headers.CacheControl = CacheHeaders.Forever;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(file.Content, file.Type);
    }

    private static string PathOf(string stem, string extension) => Folder + Files.Keys.Single(n => n.StartsWith($"{stem}.", StringComparison.Ordinal) && n.EndsWith($".{extension}", StringComparison.Ordinal));

    private static IEnumerable<StaticFile> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith("static/", StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var (stem, extension) = (Path.GetFileNameWithoutExtension(resource), Path.GetExtension(resource));
            yield return new StaticFile($"{stem}.{Convert.ToHexStringLower(SHA256.HashData(content))[..12]}{extension}", extension == ".css" ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8", content);
        }
    }

    private sealed record StaticFile(string Name, string Type, byte[] Content);
}
