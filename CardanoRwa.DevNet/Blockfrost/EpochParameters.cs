using System.Globalization;
using System.Text.Json.Nodes;

namespace CardanoRwa.DevNet.Blockfrost;

/// <summary>What the ledger here heeds comes from its parameters; the rest is mainnet's, so that clients find every field filled.</summary>
internal static class EpochParameters
{
    private static readonly byte[] Rest = Read();

    internal static JsonObject Of(ulong epoch, ProtocolParameters parameters)
    {
        var all = JsonNode.Parse(Rest)!.AsObject();
        all["epoch"] = epoch;
        all["min_fee_a"] = parameters.MinFeePerByte;
        all["min_fee_b"] = parameters.MinFeeConstant;
        all["max_block_size"] = parameters.MaxBlockBodySize;
        all["max_tx_size"] = parameters.MaxTxSize;
        all["key_deposit"] = Amounts.Text(parameters.KeyDeposit);
        all["pool_deposit"] = Amounts.Text(parameters.PoolDeposit);
        all["max_val_size"] = parameters.MaxValueSize.ToString(CultureInfo.InvariantCulture);
        all["collateral_percent"] = parameters.CollateralPercent;
        all["max_collateral_inputs"] = parameters.MaxCollateralInputs;
        all["min_fee_ref_script_cost_per_byte"] = parameters.MinFeeReferenceScriptPerByte;

        // Three names for the price of a byte in an output, one for each age of clients.
        foreach (var name in (string[])["min_utxo", "coins_per_utxo_size", "coins_per_utxo_word"]) all[name] = Amounts.Text(parameters.CoinsPerUtxoByte);
        all["cost_models"] = Named(all["cost_models_raw"]!.AsObject());
        return all;
    }

    // Clients read these in the order of their keys; numbers of one width keep it.
    private static JsonObject Named(JsonObject raw) => new(raw.Select(static model => KeyValuePair.Create(
        model.Key,
        (JsonNode?)new JsonObject(model.Value!.AsArray().Select(static (cost, i) => KeyValuePair.Create(i.ToString("D3", CultureInfo.InvariantCulture), cost?.DeepClone()))))));

    private static byte[] Read()
    {
        using var stream = typeof(EpochParameters).Assembly.GetManifestResourceStream("mainnet-parameters.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
