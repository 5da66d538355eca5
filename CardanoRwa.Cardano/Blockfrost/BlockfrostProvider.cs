using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CardanoRwa.Cardano.Providers;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace CardanoRwa.Cardano.Blockfrost;

/// <summary>The chain through the Blockfrost API, hosted or one's own.</summary>
public sealed class BlockfrostProvider : ICardanoProvider, IChainIndex
{
    private readonly BlockfrostClient client;
    private readonly ConcurrentDictionary<string, byte[]?> scripts = new(StringComparer.Ordinal);

    /// <param name="http">A client whose handlers retry and limit: the one of AddBlockfrost, or of <see cref="Create"/>.</param>
    public BlockfrostProvider(HttpClient http, BlockfrostOptions options) => client = new BlockfrostClient(http, options);

    /// <summary>A provider with a client of its own, for programs without dependency injection. Keep one: the rate limit is its own.</summary>
    public static BlockfrostProvider Create(BlockfrostOptions options)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>();
        BlockfrostResilience.Configure(pipeline, options);
        var handler = new ResilienceHandler(pipeline.Build()) { InnerHandler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) } };
        var http = new HttpClient(handler);
        Prepare(http, options);
        return new BlockfrostProvider(http, options);
    }

    internal static void Prepare(HttpClient http, BlockfrostOptions options)
    {
        http.Timeout = BlockfrostResilience.Overall(options);
        http.MaxResponseContentBufferSize = BlockfrostClient.MaxAnswerSize;
    }

    public async Task<ProtocolParameters> GetProtocolParametersAsync(CancellationToken cancellation = default) =>
        (await client.GetAsync("epochs/latest/parameters", BlockfrostJson.Default.ParametersDto, cancellation) ?? throw Missing("epochs/latest/parameters")).ToParameters();

    public async Task<ChainPoint> GetTipAsync(CancellationToken cancellation = default) =>
        (await client.GetAsync("blocks/latest", BlockfrostJson.Default.BlockDto, cancellation) ?? throw Missing("blocks/latest")).ToPoint();

    public async Task<IReadOnlyList<Utxo>> GetUtxosAsync(Address address, CancellationToken cancellation = default)
    {
        var utxos = new List<Utxo>();
        await foreach (var dto in client.GetAllAsync($"addresses/{address}/utxos", BlockfrostJson.Default.IReadOnlyListUtxoDto, cancellation))
            utxos.Add(dto.ToUtxo(dto.ReferenceScriptHash is { } hash ? await GetReferenceAsync(hash, cancellation) : null));

        // Pages are not one snapshot: a block between two of them can show an output twice.
        return [.. utxos.DistinctBy(static u => u.Input)];
    }

    public async Task<TransactionStatus> GetStatusAsync(Hash32 transactionId, CancellationToken cancellation = default)
    {
        if (await client.GetAsync($"txs/{transactionId}", BlockfrostJson.Default.TransactionDto, cancellation) is { } dto) return new(TransactionState.InBlock, dto.ToPoint());
        return await client.GetAsync($"mempool/{transactionId}", BlockfrostJson.Default.MempoolDto, cancellation) is null ? TransactionStatus.Unknown : TransactionStatus.Pending;
    }

    public async Task<SubmitOutcome> SubmitAsync(Transaction transaction, CancellationToken cancellation = default)
    {
        const string Path = "tx/submit";
        HttpStatusCode status;
        string text;
        try
        {
            (status, text) = await client.PostAsync(Path, transaction.Bytes, "application/cbor", cancellation);
        }
        catch (ProviderException e) when (e.Fault == ProviderFault.Unavailable)
        {
            return new SubmitOutcome.Uncertain(e.Message);
        }

        switch (status)
        {
            case HttpStatusCode.OK:
                return new SubmitOutcome.Accepted(transaction.Id);
            case BlockfrostResilience.MempoolFull:
                return new SubmitOutcome.MempoolFull();
            case HttpStatusCode.BadRequest:
                return await RefusedAsync(transaction.Id, LedgerRefusal.ParseSubmitMessage(BlockfrostClient.Message(text)), cancellation);
            case >= HttpStatusCode.InternalServerError:
                return new SubmitOutcome.Uncertain($"Blockfrost answered {(int)status}: {BlockfrostClient.Message(text)}");
            default:
                throw BlockfrostClient.Fault(Path, status, text);
        }
    }

    public async Task<AssetInfo?> GetAssetAsync(AssetId asset, CancellationToken cancellation = default) =>
        await client.GetAsync($"assets/{asset}", BlockfrostJson.Default.AssetDto, cancellation) is { } dto
            ? new AssetInfo(asset, BlockfrostMapping.ToQuantity(dto.Quantity), Hash32.Parse(dto.InitialMintTxHash ?? ""), dto.MintOrBurnCount)
            : null;

    public async IAsyncEnumerable<AssetId> GetAssetsOfPolicyAsync(Hash28 policy, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var dto in client.GetAllAsync($"assets/policy/{policy}", BlockfrostJson.Default.IReadOnlyListPolicyAssetDto, cancellation)) yield return AssetId.Parse(dto.Asset);
    }

    public async IAsyncEnumerable<AssetHolder> GetHoldersAsync(AssetId asset, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var dto in client.GetAllAsync($"assets/{asset}/addresses", BlockfrostJson.Default.IReadOnlyListHolderDto, cancellation))
            yield return new AssetHolder(dto.Address, BlockfrostMapping.ToQuantity(dto.Quantity));
    }

    public async IAsyncEnumerable<AssetEvent> GetHistoryAsync(AssetId asset, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var dto in client.GetAllAsync($"assets/{asset}/history", BlockfrostJson.Default.IReadOnlyListHistoryDto, cancellation))
        {
            // Amounts of burns come with a minus sign from some versions and without from others.
            var amount = Int128.Abs(BlockfrostMapping.ToQuantity(dto.Amount));
            yield return new AssetEvent(Hash32.Parse(dto.TxHash), dto.Action == "burned" ? -amount : amount);
        }
    }

    public async Task<Transaction?> GetTransactionAsync(Hash32 transactionId, CancellationToken cancellation = default) =>
        await client.GetAsync($"txs/{transactionId}/cbor", BlockfrostJson.Default.CborDto, cancellation) is { Cbor: { } hex } ? Transaction.Decode(Convert.FromHexString(hex)) : null;

    public async Task<NativeScript?> GetNativeScriptAsync(Hash28 hash, CancellationToken cancellation = default)
    {
        if (await client.GetAsync($"scripts/{hash}/json", BlockfrostJson.Default.ScriptJsonDto, cancellation) is not { Json.ValueKind: JsonValueKind.Object } dto) return null;
        var script = NativeScript.ParseJson(dto.Json.GetRawText());

        // JSON does not tell how the script was written; if not canonically, it cannot be had this way.
        return script.Hash == hash ? script : null;
    }

    // "All inputs are spent" is also what a transaction hears that got in at an attempt whose answer was lost.
    private async Task<SubmitOutcome> RefusedAsync(Hash32 transactionId, IReadOnlyList<LedgerRefusal> reasons, CancellationToken cancellation)
    {
        if (!reasons.Any(static r => r.InputsAreGone)) return new SubmitOutcome.Refused(reasons);
        try
        {
            return (await GetStatusAsync(transactionId, cancellation)).State == TransactionState.Unknown ? new SubmitOutcome.Refused(reasons) : new SubmitOutcome.Accepted(transactionId);
        }
        catch (ProviderException e) when (e.Fault is ProviderFault.Unavailable or ProviderFault.Throttled)
        {
            return new SubmitOutcome.Uncertain($"Its inputs are spent ({reasons[0].Text}), and whether by itself could not be found out: {e.Message}");
        }
    }

    // script = [0, native_script] / [1..3, bytes]; what the output really holds may be written otherwise, its size is close enough.
    private async Task<byte[]?> GetReferenceAsync(string hash, CancellationToken cancellation)
    {
        if (scripts.TryGetValue(hash, out var known)) return known;
        var type = (await client.GetAsync($"scripts/{hash}", BlockfrostJson.Default.ScriptDto, cancellation))?.Type;
        byte[] encoded;
        if (type == "timelock" && await GetNativeScriptAsync(Hash28.Parse(hash), cancellation) is { } native)
        {
            encoded = [0x82, 0x00, .. native.Bytes];
        }
        else
        {
            var cbor = (await client.GetAsync($"scripts/{hash}/cbor", BlockfrostJson.Default.CborDto, cancellation))?.Cbor ?? "";
            encoded = CborEncoder.Encode((type, Convert.FromHexString(cbor)), static (encoder, script) =>
            {
                encoder.WriteArray(2);
                encoder.WriteUInt(script.type switch { "plutusV1" => 1, "plutusV2" => 2, _ => 3 });
                encoder.WriteBytes(script.Item2);
            });
        }

        return scripts[hash] = encoded;
    }

    private static ProviderException Missing(string path) => new(ProviderFault.Protocol, $"Blockfrost knows no /{path}; is Url right, with its /api/v0?");
}
