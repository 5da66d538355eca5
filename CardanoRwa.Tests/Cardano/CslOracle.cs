using System.Text.Json.Nodes;

namespace CardanoRwa.Tests.Cardano;

/// <summary>Cardano Serialization Library, run by node.</summary>
internal static class CslOracle
{
    private static readonly NodeOracle Oracle = new("Cardano", "cardano-oracle");

    internal static Task<IReadOnlyList<JsonNode>> AskAsync(IEnumerable<object> questions) => Oracle.AskAsync(questions);
}
