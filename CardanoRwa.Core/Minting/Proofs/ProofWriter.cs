using System.Data;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting.Proofs;

/// <summary>
/// Writes an asset's proof from one snapshot of the registry. It goes by way of a nameless file: memory stays flat however
/// many operations there are, and a slow reader holds no snapshot open.
/// </summary>
public sealed class ProofWriter(RwaDbContext db, EvidenceManifest evidence, TimeProvider clock)
{
    private const int OperationsAtOnce = 500;
    private const int TransactionsAtOnce = 50;

    /// <returns>The file, at its beginning; gone when it is disposed. Null if there is no such asset.</returns>
    public Task<Stream?> WriteAsync(Guid assetId, CancellationToken cancellationToken) => db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
    {
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, token);
        if (await db.Assets.AsNoTracking().SingleOrDefaultAsync(a => a.Id == assetId, token) is not { } asset)
        {
            return null;
        }
        var file = Spool();
        try
        {
            await FillAsync(file, asset, token);
            file.Position = 0;
            return (Stream?)file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }, cancellationToken);

    private async Task FillAsync(FileStream file, Asset asset, CancellationToken token)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var wallet = await db.Wallet.AsNoTracking().SingleOrDefaultAsync(token);
        var part = new MemoryStream();
        await using (var json = new Utf8JsonWriter(part, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("format", ProofFile.FormatName);
            json.WriteNumber("version", ProofFile.FormatVersion);
            json.WriteString("network", wallet?.Network);
            json.WriteString("madeAt", clock.GetUtcNow());
            json.WritePropertyName("asset");
            JsonSerializer.Serialize(json, Of(asset), ProofJson.Default.ProofAsset);
            json.WritePropertyName("token");
            JsonSerializer.Serialize(json, await db.Tokens.AsNoTracking().SingleOrDefaultAsync(t => t.AssetId == asset.Id, token) is { } own ? Of(own, wallet) : null, ProofJson.Default.ProofToken!);
            json.WritePropertyName("evidence");
            JsonSerializer.Serialize(json, await EvidenceAsync(asset.Id, token), ProofJson.Default.ProofEvidence);
            json.WritePropertyName("supply");
            JsonSerializer.Serialize(json, await SupplyAsync(asset.Id, token), ProofJson.Default.ProofSupply);
            json.WriteStartArray("operations");
            await foreach (var page in OperationsAsync(asset.Id, token))
            {
                page.ForEach(o => JsonSerializer.Serialize(json, o, ProofJson.Default.ProofOperation));
                await PassOnAsync();
            }
            json.WriteEndArray();
            json.WriteStartArray("transactions");
            await foreach (var page in TransactionsAsync(asset.Id, token))
            {
                page.ForEach(t => JsonSerializer.Serialize(json, t, ProofJson.Default.ProofTransaction));
                await PassOnAsync();
            }
            json.WriteEndArray();
            await PassOnAsync();

            async Task PassOnAsync()
            {
                await json.FlushAsync(token);
                var bytes = part.GetBuffer().AsMemory(0, (int)part.Length);
                digest.AppendData(bytes.Span);
                await file.WriteAsync(bytes, token);
                part.SetLength(0);
            }
        }
        await file.WriteAsync(Encoding.ASCII.GetBytes($"{ProofDigest.Before}{Convert.ToHexStringLower(digest.GetHashAndReset())}{ProofDigest.After}"), token);
    }

    private static ProofAsset Of(Asset a) => new(a.Id, a.Name, a.Kind, a.Jurisdiction, a.ExternalId, a.Description, a.Value, a.Currency, a.ValueAsOf, a.Status.Wire());

    private static ProofToken Of(Token token, WalletState? wallet)
    {
        var (script, unit) = (token.Script(), token.Unit());
        return new ProofToken(
            token.Standard.Wire(), token.PolicyId, unit.Name.ToString(), unit.ToString(), token.ReferenceUnit()?.ToString(), unit.Fingerprint,
            JsonDocument.Parse(script.ToJson()).RootElement, Convert.ToHexStringLower(script.Bytes), token.MaxSupply, wallet?.TreasuryAddress);
    }

    private async Task<ProofEvidence> EvidenceAsync(Guid assetId, CancellationToken cancellationToken)
    {
        var entries = await evidence.EntriesAsync(assetId, null, cancellationToken);
        byte[][] leaves = [.. entries.Select(e => e.Leaf)];
        var manifest = ManifestJson.Manifest(assetId, entries);
        var paths = MerkleTree.Paths(leaves);
        return new ProofEvidence(
            Convert.ToHexStringLower(MerkleTree.Root(leaves)), entries.Count, entries.Count == 0 ? null : ManifestJson.Cid(manifest), Encoding.UTF8.GetString(manifest),
            [.. entries.Select((e, i) => new ProofEntry(e.Id, i, Convert.ToHexStringLower(e.Leaf), [.. paths[i].Select(Convert.ToHexStringLower)]))]);
    }

    private async Task<ProofSupply> SupplyAsync(Guid assetId, CancellationToken cancellationToken)
    {
        var confirmed = db.Operations.Where(o => o.AssetId == assetId && o.State == OperationState.Confirmed);
        var minted = await confirmed.Where(o => o.Kind == OperationKind.Mint).SumAsync(o => o.Quantity, cancellationToken);
        var burned = await confirmed.Where(o => o.Kind == OperationKind.Burn).SumAsync(o => o.Quantity, cancellationToken);
        return new ProofSupply(minted, burned, minted - burned);
    }

    private async IAsyncEnumerable<List<ProofOperation>> OperationsAsync(Guid assetId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (at, id) = (DateTimeOffset.MinValue, Guid.Empty);
        while (true)
        {
            var page = await db.Operations.AsNoTracking()
                .Where(o => o.AssetId == assetId && (o.CreatedAt > at || (o.CreatedAt == at && o.Id > id)))
                .OrderBy(o => o.CreatedAt).ThenBy(o => o.Id).Take(OperationsAtOnce).ToListAsync(cancellationToken);
            if (page.Count == 0)
            {
                yield break;
            }
            (at, id) = (page[^1].CreatedAt, page[^1].Id);
            yield return [.. page.Select(o => new ProofOperation(
                o.Id, o.Kind.Wire(), o.Quantity, o.Recipient, o.State.Wire(), IsOnItsWay(o.State) ? o.TransactionId : null, o.EvidenceRoot, o.EvidenceCid, o.FailureCode, o.CreatedAt, o.ConfirmedAt))];
        }
    }

    private async IAsyncEnumerable<List<ProofTransaction>> TransactionsAsync(Guid assetId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var after = -1L; ;)
        {
            var page = await db.ChainTransactions.AsNoTracking()
                .Where(t => t.Sequence > after && db.Operations.Any(o => o.AssetId == assetId && o.TransactionId == t.Id && (o.State == OperationState.Submitted || o.State == OperationState.Confirmed)))
                .OrderBy(t => t.Sequence).Take(TransactionsAtOnce).ToListAsync(cancellationToken);
            if (page.Count == 0)
            {
                yield break;
            }
            after = page[^1].Sequence;
            yield return [.. page.Select(t => new ProofTransaction(
                t.Id, Convert.ToHexStringLower(t.Bytes), t.BlockHash is null ? null : new ProofBlock(t.BlockHash, t.BlockHeight ?? 0, t.BlockSlot ?? 0, t.Confirmations)))];
        }
    }

    internal static bool IsOnItsWay(OperationState state) => state is OperationState.Submitted or OperationState.Confirmed;

    private static FileStream Spool() => new(
        Path.Combine(Path.GetTempPath(), $"rwa-proof-{Guid.NewGuid():N}"),
        new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose });
}
