using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Index;

namespace CardanoRwa.DevNet.Blockfrost;

internal static class ScriptEndpoints
{
    internal static RouteGroupBuilder MapScripts(this RouteGroupBuilder api)
    {
        api.MapGet("/scripts", All);
        api.MapGet("/scripts/{hash}", (string hash, Node node) => Find(hash, node, static script =>
            new { ScriptHash = script.Hash.ToString(), Type = script.Native is null ? "plutusV3" : "timelock", SerialisedSize = script.Native is null ? script.Size : (int?)null }));
        api.MapGet("/scripts/{hash}/json", (string hash, Node node) => Find(hash, node, static script =>
            new { Json = script.Native is { } native ? System.Text.Json.Nodes.JsonNode.Parse(native.ToJson(), documentOptions: new() { MaxDepth = CborDecoder.MaxDepth * 2 }) : null }));

        // The real service answers null for a timelock; its bytes are given here because nothing else tells how the hash came about.
        api.MapGet("/scripts/{hash}/cbor", (string hash, Node node) => Find(hash, node, static script =>
            new { Cbor = script.Native is { } native ? Convert.ToHexStringLower(native.Bytes) : null }));
        return api;
    }

    private static IResult All(HttpRequest request, Node node) =>
        Paging.TryRead(request, out var paging, out var error)
            ? Results.Json(node.Read(view => paging.Of(view.Index.Scripts).Select(static s => new { ScriptHash = s.Hash.ToString() }).ToList()))
            : error;

    private static IResult Find<T>(string hash, Node node, Func<KnownScript, T> show)
        where T : class
    {
        if (!Hash28.TryParse(hash, out var id)) return ApiError.NotFound();
        var found = node.Read(view => view.Index.FindScript(id));
        return found is null ? ApiError.NotFound() : Results.Json(show(found));
    }
}
