using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Index;

namespace CardanoRwa.DevNet.Blockfrost;

internal static class AssetEndpoints
{
    internal static RouteGroupBuilder MapAssets(this RouteGroupBuilder api)
    {
        api.MapGet("/assets", All);
        api.MapGet("/assets/{asset}", Get);
        api.MapGet("/assets/{asset}/addresses", (string asset, HttpRequest request, Node node) => Page(asset, request, node, static entry =>
            [.. entry.Holders.Select(static h => new { Address = h.Key.ToString(), Quantity = Amounts.Text(h.Value) })]));
        api.MapGet("/assets/{asset}/history", (string asset, HttpRequest request, Node node) => Page(asset, request, node, static entry =>
            [.. entry.Events.Select(static e => new { TxHash = e.Transaction.ToString(), Action = e.Amount > 0 ? "minted" : "burned", Amount = Amounts.Text(e.Amount) })]));
        api.MapGet("/assets/policy/{policy}", OfPolicy);
        return api;
    }

    private static IResult All(HttpRequest request, Node node) =>
        Paging.TryRead(request, out var paging, out var error)
            ? Results.Json(node.Read(view => paging.Of(view.Index.Assets.All).Select(Brief).ToList()))
            : error;

    private static IResult Get(string asset, Node node)
    {
        if (!AssetId.TryParse(asset, out var unit)) return Malformed();
        var found = node.Read(view => view.Index.Assets.Find(unit) is { } entry ? Details(view, entry) : null);
        return found is null ? ApiError.NotFound() : Results.Json(found);
    }

    private static IResult OfPolicy(string policy, HttpRequest request, Node node)
    {
        if (!Hash28.TryParse(policy, out var hash)) return ApiError.BadRequest("Invalid or malformed policy format.");
        if (!Paging.TryRead(request, out var paging, out var error)) return error;
        var found = node.Read(view => view.Index.Assets.OfPolicy(hash) is { } entries ? paging.Of(entries).Select(Brief).ToList() : null);
        return found is null ? ApiError.NotFound() : Results.Json(found);
    }

    private static IResult Page(string asset, HttpRequest request, Node node, Func<AssetEntry, IReadOnlyList<object>> list)
    {
        if (!AssetId.TryParse(asset, out var unit)) return Malformed();
        if (!Paging.TryRead(request, out var paging, out var error)) return error;
        var found = node.Read(view => view.Index.Assets.Find(unit) is { } entry ? paging.Of(list(entry)).ToList() : null);
        return found is null ? ApiError.NotFound() : Results.Json(found);
    }

    private static object Brief(AssetEntry entry) => new { Asset = entry.Asset.ToString(), Quantity = Amounts.Text(entry.Quantity) };

    private static object Details(NodeView view, AssetEntry entry)
    {
        var (metadata, standard) = OnchainMetadata.Of(view, entry);
        return new
        {
            Asset = entry.Asset.ToString(),
            PolicyId = entry.Asset.Policy.ToString(),
            AssetName = entry.Asset.Name.Bytes.IsEmpty ? null : entry.Asset.Name.ToString(),
            entry.Asset.Fingerprint,
            Quantity = Amounts.Text(entry.Quantity),
            InitialMintTxHash = entry.InitialMint.ToString(),
            MintOrBurnCount = entry.Count,
            OnchainMetadata = metadata,
            OnchainMetadataStandard = standard,
            OnchainMetadataExtra = (string?)null,
            Metadata = (object?)null,
        };
    }

    private static IResult Malformed() => ApiError.BadRequest("Invalid or malformed asset format.");
}
