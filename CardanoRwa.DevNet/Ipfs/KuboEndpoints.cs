using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CardanoRwa.DevNet.Ipfs;

/// <summary>The part of Kubo's RPC that adding, reading and pinning files needs. Like there, every command is a POST and most errors are a 500.</summary>
internal static class KuboEndpoints
{
    internal static RouteGroupBuilder MapKubo(this RouteGroupBuilder api)
    {
        api.MapPost("/add", AddAsync);
        api.MapPost("/cat", CatAsync);
        api.MapPost("/pin/add", PinAdd);
        api.MapPost("/pin/ls", PinList);
        api.MapPost("/pin/rm", PinRemove);
        api.MapPost("/block/stat", BlockStat);
        foreach (var command in (string[])["/add", "/cat", "/pin/add", "/pin/ls", "/pin/rm", "/block/stat", "/version"]) api.MapGet(command, static () => Results.Text("405 - Method Not Allowed", statusCode: 405));
        api.MapPost("/version", static () => Results.Json(new KuboVersion("0.38.2", "", "18", "amd64/linux", "go1.25.3")));
        return api;
    }

    private static async Task AddAsync(HttpContext context, BlockStore store)
    {
        var query = context.Request.Query;
        var version = query["cid-version"] == "1" ? 1 : 0;
        var chunk = TreeOptions.DefaultChunk;
        var chunker = query["chunker"].ToString();
        if (Flag(query, "wrap-with-directory", false) || query["hash"].ToString() is not ("" or "sha2-256")
            || (chunker.Length > 0 && !(chunker.StartsWith("size-", StringComparison.Ordinal) && int.TryParse(chunker.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out chunk) && chunk is > 0 and <= 1 << 20)))
        {
            await Error("this subset has no directories, no hash but sha2-256 and no chunker but size-N", 400).ExecuteAsync(context);
            return;
        }

        var onlyHash = Flag(query, "only-hash", false);
        var options = new TreeOptions(version, Flag(query, "raw-leaves", version == 1), chunk);
        context.Response.ContentType = "application/json";
        try
        {
            await foreach (var (name, root) in Uploads.ImportAsync(context.Request, onlyHash ? null : store, options))
            {
                if (!onlyHash && Flag(query, "pin", true)) store.Pin(root.Cid);
                var line = JsonSerializer.Serialize(new KuboAdded(name ?? root.Cid.ToString(), root.Cid.ToString(), root.TotalBytes.ToString(CultureInfo.InvariantCulture)));
                await context.Response.WriteAsync(line + "\n", context.RequestAborted);
            }
        }
        catch (IOException e) when (!context.Response.HasStarted)
        {
            await Error(e.Message).ExecuteAsync(context);
        }
    }

    private static async Task CatAsync(HttpContext context, BlockStore store)
    {
        if (!Cid.TryParse(context.Request.Query["arg"], out var cid))
        {
            await Invalid(context.Request).ExecuteAsync(context);
            return;
        }

        if (store.FileSize(cid) is not { } size)
        {
            await Missing(cid).ExecuteAsync(context);
            return;
        }

        var offset = Number(context.Request.Query, "offset") ?? 0;
        var length = Math.Min(Number(context.Request.Query, "length") ?? size, Math.Max(0, size - offset));
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = length;
        await store.CopyAsync(cid, offset, length, context.Response.Body, context.RequestAborted);
    }

    private static IResult PinAdd(HttpRequest request, BlockStore store)
    {
        if (!Cid.TryParse(request.Query["arg"], out var cid)) return Invalid(request);
        if (store.Get(cid) is null) return Missing(cid);
        store.Pin(cid);
        return Results.Json(new KuboPins([cid.ToString()]));
    }

    private static IResult PinList(HttpRequest request, BlockStore store)
    {
        var argument = request.Query["arg"].ToString();
        if (argument.Length == 0) return Results.Json(new KuboKeys(store.Pins.ToDictionary(static p => p.Cid.ToString(), static _ => new KuboPin("recursive", ""))));
        if (!Cid.TryParse(argument, out var cid)) return Invalid(request);
        return store.FindPin(cid) is null
            ? Error($"path '{argument}' is not pinned")
            : Results.Json(new KuboKeys(new() { [cid.ToString()] = new KuboPin("recursive", "") }));
    }

    private static IResult PinRemove(HttpRequest request, BlockStore store) =>
        !Cid.TryParse(request.Query["arg"], out var cid) ? Invalid(request)
        : store.Unpin(cid) ? Results.Json(new KuboPins([cid.ToString()]))
        : Error("not pinned or pinned indirectly");

    private static IResult BlockStat(HttpRequest request, BlockStore store) =>
        !Cid.TryParse(request.Query["arg"], out var cid) ? Invalid(request)
        : store.Get(cid) is { } block ? Results.Json(new KuboStat(cid.ToString(), block.Length))
        : Missing(cid);

    private static bool Flag(IQueryCollection query, string name, bool otherwise) => query.TryGetValue(name, out var text) ? text != "false" : otherwise;

    private static long? Number(IQueryCollection query, string name) =>
        long.TryParse(query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static IResult Invalid(HttpRequest request) => request.Query.ContainsKey("arg")
        ? Error($"invalid path \"{request.Query["arg"]}\": invalid CID")
        : Error("argument \"ipfs-path\" is required", 400, 1);

    // A real node would search the network for it, and go on searching.
    private static IResult Missing(Cid cid) => Error($"block was not found locally (offline): ipld: could not find {cid}");

    private static IResult Error(string message, int status = 500, int code = 0) => Results.Json(new KuboError(message, code, "error"), statusCode: status);
}

internal sealed record KuboAdded(
    [property: JsonPropertyName("Name")] string Name, [property: JsonPropertyName("Hash")] string Hash, [property: JsonPropertyName("Size")] string Size);

internal sealed record KuboPins([property: JsonPropertyName("Pins")] IReadOnlyList<string> Pins);

internal sealed record KuboKeys([property: JsonPropertyName("Keys")] Dictionary<string, KuboPin> Keys);

internal sealed record KuboPin([property: JsonPropertyName("Type")] string Type, [property: JsonPropertyName("Name")] string Name);

internal sealed record KuboStat([property: JsonPropertyName("Key")] string Key, [property: JsonPropertyName("Size")] long Size);

internal sealed record KuboError(
    [property: JsonPropertyName("Message")] string Message, [property: JsonPropertyName("Code")] int Code, [property: JsonPropertyName("Type")] string Type);

internal sealed record KuboVersion(
    [property: JsonPropertyName("Version")] string Version, [property: JsonPropertyName("Commit")] string Commit, [property: JsonPropertyName("Repo")] string Repo,
    [property: JsonPropertyName("System")] string System, [property: JsonPropertyName("Golang")] string Golang);
