using System.Text.Encodings.Web;
using System.Text.Json;
using CardanoRwa.DevNet.Ledger;

namespace CardanoRwa.DevNet.Blockfrost;

/// <summary>The answers of cardano-submit-api, which Blockfrost hands on as a JSON text inside the message of its error.</summary>
internal static class SubmitErrors
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static string Refused(IReadOnlyList<LedgerFault> faults) => JsonSerializer.Serialize(
        new
        {
            contents = new
            {
                contents = new
                {
                    contents = new { era = "ShelleyBasedEraConway", error = faults.Select(static f => f.Text), kind = "ShelleyTxValidationError" },
                    tag = "TxValidationErrorInCardanoMode",
                },
                tag = "TxCmdTxSubmitValidationError",
            },
            tag = "TxSubmitFail",
        },
        Plain);

    internal static string Malformed(string error) => JsonSerializer.Serialize(
        new
        {
            contents = new { contents = new[] { $"DecoderErrorDeserialiseFailure \"Shelley Tx\" (DeserialiseFailure \"{error}\")" }, tag = "TxCmdTxReadError" },
            tag = "TxSubmitFail",
        },
        Plain);
}
