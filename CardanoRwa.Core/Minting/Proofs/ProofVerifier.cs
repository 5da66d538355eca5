using System.Text.Json;

namespace CardanoRwa.Core.Minting.Proofs;

/// <summary>
/// Checks a proof by itself: no database, no network, no word of the issuer. What only the registry says (the asset's name,
/// kind, jurisdiction and value, times, and blocks while no provider is asked) is covered by the digest alone.
/// </summary>
public static class ProofVerifier
{
    public static (ProofFile? File, IReadOnlyList<ProofCheck> Checks) Verify(ReadOnlySpan<byte> bytes)
    {
        var checks = new ProofChecks();
        if (Read(bytes, checks) is not { } file)
        {
            return (null, checks.All);
        }
        var digest = ProofDigest.Of(bytes);
        checks.That(digest == file.Digest, "file_digest", "file", $"The file is as it was written ({file.Digest}).", $"The bytes come to {digest ?? "nothing: the digest is not the last member"}, not to {file.Digest}: the file was changed.");
        new EvidenceChecks(file, checks).Run();
        if (file.Token is { } token)
        {
            new TokenChecks(file, token, checks).Run();
        }
        else
        {
            checks.That(file is { Operations.Count: 0, Transactions.Count: 0, Supply: { Minted: 0, Burned: 0, InCirculation: 0 } }, "token_absent", "file", "Without a token there is nothing minted.");
        }
        return (file, checks.All);
    }

    private static ProofFile? Read(ReadOnlySpan<byte> bytes, ProofChecks checks)
    {
        ProofFile? file = null;
        string? fault;
        try
        {
            file = JsonSerializer.Deserialize(bytes, ProofJson.Default.ProofFile);
            fault = file is not { Format: ProofFile.FormatName, Version: ProofFile.FormatVersion } ? $"It is not {ProofFile.FormatName} version {ProofFile.FormatVersion}." : null;
        }
        catch (JsonException e)
        {
            fault = $"It cannot be read: {e.Message}";
        }
        return checks.That(fault is null, "file_readable", "file", "It is a proof of a version known here.", fault) ? file : null;
    }
}
