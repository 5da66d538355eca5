using System.Text.Json;
using System.Text.RegularExpressions;

namespace CardanoRwa.Cardano.Providers;

/// <summary>One reason why the ledger refused a transaction.</summary>
/// <param name="Text">As the node told it.</param>
/// <param name="Supplied">What the transaction has, where the rule compares two numbers (lovelace, bytes, slots).</param>
/// <param name="Expected">What the rule wants, likewise.</param>
public sealed partial record LedgerRefusal(LedgerRule Rule, string Text, long? Supplied = null, long? Expected = null)
{
    /// <summary>Whether the inputs are gone: spent by this very transaction, or by a rival.</summary>
    public bool InputsAreGone => Rule is LedgerRule.BadInputsUTxO or LedgerRule.ConwayMempoolFailure;

    public override string ToString() => Supplied is null ? $"{Rule}: {Text}" : $"{Rule}: has {Supplied}, wants {Expected}";

    /// <summary>
    /// The reasons in a message of cardano-submit-api, as Blockfrost passes it on: JSON whose <c>error</c> lists hold strings
    /// such as <c>ConwayUtxowFailure (UtxoFailure (FeeTooSmallUTxO (Mismatch {mismatchSupplied = Coin 1, mismatchExpected = Coin 2})))</c>.
    /// </summary>
    public static IReadOnlyList<LedgerRefusal> ParseSubmitMessage(string message)
    {
        var texts = new List<string>();
        try
        {
            using var json = JsonDocument.Parse(message);
            CollectErrors(json.RootElement, inError: false, texts);
        }
        catch (JsonException)
        {
            // Not every version of the service wraps the node's words.
        }

        if (texts.Count == 0) texts.Add(message);
        return [.. texts.Select(Parse)];
    }

    /// <summary>A reason in an error of Ogmios v6 (<c>submitTransaction</c>).</summary>
    public static LedgerRefusal FromOgmios(int code, string message) =>
        new(code is >= 3100 and < 4000 && Enum.IsDefined((LedgerRule)code) ? (LedgerRule)code : code is -32602 or 3005 ? LedgerRule.Malformed : LedgerRule.Unknown, message);

    private static LedgerRefusal Parse(string text)
    {
        var rule = LedgerRule.Unknown;
        foreach (Match word in Word().Matches(text))
        {
            // The innermost known name is the most telling one.
            if (Enum.TryParse<LedgerRule>(word.Value, out var known) && known != LedgerRule.Unknown) rule = known;
        }

        if (rule == LedgerRule.Unknown && (text.Contains("DecoderError", StringComparison.Ordinal) || text.Contains("DeserialiseFailure", StringComparison.Ordinal) || text.Contains("TxReadError", StringComparison.Ordinal))) rule = LedgerRule.Malformed;
        var mismatch = Mismatch().Match(text);
        return mismatch.Success && long.TryParse(mismatch.Groups[1].Value, out var supplied) && long.TryParse(mismatch.Groups[2].Value, out var expected)
            ? new LedgerRefusal(rule, text, supplied, expected)
            : new LedgerRefusal(rule, text);
    }

    private static void CollectErrors(JsonElement json, bool inError, List<string> texts)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String when inError:
                texts.Add(json.GetString()!);
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray()) CollectErrors(item, inError, texts);
                break;
            case JsonValueKind.Object:
                foreach (var property in json.EnumerateObject()) CollectErrors(property.Value, inError || property.NameEquals("error"), texts);
                break;
        }
    }

    [GeneratedRegex("[A-Z][A-Za-z]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"mismatchSupplied = (?:Coin )?(\d+), mismatchExpected = (?:Coin )?(\d+)\}")]
    private static partial Regex Mismatch();
}
