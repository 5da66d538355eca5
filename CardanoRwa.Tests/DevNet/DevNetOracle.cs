using System.Text.Json.Nodes;

namespace CardanoRwa.Tests.DevNet;

/// <summary>Blockfrost's schema and client, and an independent IPFS importer, run by node. One for all tests, as it installs itself once.</summary>
internal static class DevNetOracle
{
    private static readonly NodeOracle Oracle = new("DevNet", "devnet-oracle");

    internal static Task<IReadOnlyList<JsonNode>> AskAsync(IEnumerable<object> questions) => Oracle.AskAsync(questions);
}
