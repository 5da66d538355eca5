using System.Globalization;
using System.Text.Json;

namespace CardanoRwa.Cardano.Ogmios;

/// <summary>Ogmios v6 JSON as this library's types.</summary>
internal static class OgmiosMapping
{
    private const string Ada = "ada";
    private const string Lovelace = "lovelace";

    internal static ProtocolParameters ToParameters(JsonElement json) => new()
    {
        MinFeePerByte = json.GetProperty("minFeeCoefficient").GetUInt64(),
        MinFeeConstant = Coin(json.GetProperty("minFeeConstant")),
        CoinsPerUtxoByte = json.GetProperty("minUtxoDepositCoefficient").GetUInt64(),
        MaxTxSize = json.GetProperty("maxTransactionSize").GetProperty("bytes").GetInt32(),
        MaxValueSize = json.GetProperty("maxValueSize").GetProperty("bytes").GetInt32(),
        MaxBlockBodySize = json.GetProperty("maxBlockBodySize").GetProperty("bytes").GetInt32(),
        KeyDeposit = Coin(json.GetProperty("stakeCredentialDeposit")),
        PoolDeposit = Coin(json.GetProperty("stakePoolDeposit")),
        CollateralPercent = json.GetProperty("collateralPercentage").GetInt32(),
        MaxCollateralInputs = json.GetProperty("maxCollateralInputs").GetInt32(),
        MinFeeReferenceScriptPerByte = json.TryGetProperty("minFeeReferenceScripts", out var scripts) ? (ulong)Math.Ceiling(scripts.GetProperty("base").GetDouble()) : 0,
    };

    internal static Utxo ToUtxo(JsonElement json) => new(
        new TxIn(Hash32.Parse(json.GetProperty("transaction").GetProperty("id").GetString()!), json.GetProperty("index").GetUInt16()),
        new TxOut(Address.Parse(json.GetProperty("address").GetString()!), ToValue(json.GetProperty("value")))
        {
            DatumHash = !json.TryGetProperty("datum", out _) && json.TryGetProperty("datumHash", out var hash) ? Hash32.Parse(hash.GetString()!) : null,
            InlineDatum = json.TryGetProperty("datum", out var datum) ? Convert.FromHexString(datum.GetString()!) : null,
            ScriptReference = json.TryGetProperty("script", out var script) ? ToScript(script) : null,
        });

    private static ulong Coin(JsonElement json) => json.GetProperty(Ada).GetProperty(Lovelace).GetUInt64();

    private static Value ToValue(JsonElement json)
    {
        var tokens = from policy in json.EnumerateObject()
                     where policy.Name != Ada
                     from asset in policy.Value.EnumerateObject()
                     select new AssetQuantity(new AssetId(Hash28.Parse(policy.Name), AssetName.Parse(asset.Name)), Int128.Parse(asset.Value.GetRawText(), CultureInfo.InvariantCulture));
        return new Value(Coin(json), TokenBundle.From(tokens));
    }

    // script = [0, native_script] / [1..3, bytes]
    private static byte[] ToScript(JsonElement json)
    {
        var cbor = Convert.FromHexString(json.GetProperty("cbor").GetString()!);
        var language = json.GetProperty("language").GetString();
        return language == "native" ? [0x82, 0x00, .. cbor] : CborEncoder.Encode((language, cbor), static (encoder, script) =>
        {
            encoder.WriteArray(2);
            encoder.WriteUInt(script.language switch { "plutus:v1" => 1, "plutus:v2" => 2, _ => 3 });
            encoder.WriteBytes(script.cbor);
        });
    }
}
