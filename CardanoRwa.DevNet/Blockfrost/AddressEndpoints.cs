using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Index;

namespace CardanoRwa.DevNet.Blockfrost;

internal static class AddressEndpoints
{
    internal static RouteGroupBuilder MapAddresses(this RouteGroupBuilder api)
    {
        api.MapGet("/addresses/{address}", Get);
        api.MapGet("/addresses/{address}/utxos", (string address, HttpRequest request, Node node) => Utxos(address, null, request, node));
        api.MapGet("/addresses/{address}/utxos/{asset}", Utxos);
        return api;
    }

    private static IResult Get(string address, Node node)
    {
        if (!TryParse(address, out var parsed)) return ApiError.InvalidAddress();
        var amounts = node.Read(view => view.Index.Find(parsed) is { } entry ? Amounts.Of(Amounts.Sum(entry.Unspent.Select(static u => u.Output))) : null);
        if (amounts is null) return ApiError.NotFound();
        return Results.Json(new
        {
            Address = address,
            Amount = amounts,
            StakeAddress = parsed.Stake is { } stake ? Address.StakeOf(parsed.Network, stake).ToString() : null,
            Type = parsed.Kind == AddressKind.Byron ? "byron" : "shelley",
            Script = parsed.Payment is { IsScript: true },
        });
    }

    private static IResult Utxos(string address, string? asset, HttpRequest request, Node node)
    {
        if (!TryParse(address, out var parsed)) return ApiError.InvalidAddress();
        AssetId unit = default;
        var any = asset is null or "lovelace";
        if (!any && !AssetId.TryParse(asset, out unit)) return ApiError.BadRequest("Invalid or malformed asset format.");
        if (!Paging.TryRead(request, out var paging, out var error)) return error;
        var found = node.Read(view =>
        {
            if (view.Index.Find(parsed) is not { } entry) return null;
            IReadOnlyList<IndexedOutput> matching = any ? entry.Unspent : [.. entry.Unspent.Where(u => u.Output.Value.Tokens.QuantityOf(unit) > 0)];
            return paging.Of(matching).Select(u => Utxo(address, u)).ToList();
        });
        return found is null ? ApiError.NotFound() : Results.Json(found);
    }

    private static object Utxo(string address, IndexedOutput unspent) => new
    {
        Address = address,
        TxHash = unspent.Input.TransactionId.ToString(),
        TxIndex = unspent.Input.Index,
        OutputIndex = unspent.Input.Index,
        Amount = Amounts.Of(unspent.Output.Value),
        Block = unspent.Block.ToString(),
        DataHash = TransactionViews.DataHash(unspent.Output),
        InlineDatum = TransactionViews.Datum(unspent.Output),
        ReferenceScriptHash = TransactionViews.ScriptHash(unspent.Output),
    };

    private static bool TryParse(string text, out Address address) =>
        Address.TryParse(text, out address!) && address.Kind != AddressKind.Stake && address.Network == CardanoNetwork.Testnet;
}
