using System.CommandLine;
using System.Text.Json;
using CardanoRwa.Cardano.Blockfrost;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Core.Minting.Proofs;

namespace CardanoRwa.Worker.Minting;

/// <summary>Checks a proof file; it needs no registry, and without --provider no network either.</summary>
internal static class VerifyProofCommand
{
    private const int Failed = 2;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A proof, as GET /api/v1/assets/{id}/proof gives it." };
        var provider = new Option<string?>("--provider") { Description = "A Blockfrost API to check it against the chain too, such as https://cardano-mainnet.blockfrost.io/api/v0." };
        var project = new Option<string?>("--project-id") { Description = "Blockfrost's project id." };
        var json = new Option<bool>("--json") { Description = "Print the checks as JSON." };
        var command = new Command("verify-proof", "Checks an asset's proof: hashes, policy, signatures, operations, supply. Exit code 0: all hold; 2: some do not; 1: it could not be checked.") { file, provider, project, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(provider), parsed.GetValue(project), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string path, string? provider, string? projectId, bool asJson, CancellationToken cancellationToken)
    {
        if (provider is not null && !Uri.IsWellFormedUriString(provider, UriKind.Absolute))
        {
            await Console.Error.WriteLineAsync($"provider_invalid: '{provider}' is not an absolute address.");
            return 1;
        }
        try
        {
            var (file, checks) = ProofVerifier.Verify(await File.ReadAllBytesAsync(path, cancellationToken));
            if (provider is not null && file is not null)
            {
                var chain = BlockfrostProvider.Create(new BlockfrostOptions { Url = new Uri(provider), ProjectId = projectId });
                checks = [.. checks, .. await ProofChainChecks.RunAsync(file, chain, chain, cancellationToken)];
            }
            Print(checks, asJson, provider is not null);
            return checks.All(c => c.Passed) ? 0 : Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"file_unreadable: {e.Message}");
        }
        catch (ProviderException e)
        {
            await Console.Error.WriteLineAsync($"chain_unavailable: {e.Message}");
        }
        return 1;
    }

    private static void Print(IReadOnlyList<ProofCheck> checks, bool asJson, bool withChain)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { passed = checks.All(c => c.Passed), chain = withChain, checks }, JsonSerializerOptions.Web));
            return;
        }
        foreach (var check in checks)
        {
            Console.WriteLine($"{(check.Passed ? "pass" : "FAIL")}  {check.Name}  {check.Subject}  {check.Detail}");
        }
        var failed = checks.Count(c => !c.Passed);
        Console.WriteLine(failed == 0 ? $"All {checks.Count} checks hold{(withChain ? "" : "; whether the chain has these transactions was not asked (--provider)")}." : $"{failed} of {checks.Count} checks failed.");
        Console.WriteLine("The asset's name, kind, jurisdiction and value are the registry's word: the chain knows its id and evidence only.");
    }
}
