using System.Text.Json;
using CardanoRwa.Cardano.Providers;

namespace CardanoRwa.Cardano.Ogmios;

/// <summary>
/// The chain through Ogmios v6 and a node of one's own. A node keeps no index: a transaction counts as included while one of
/// its outputs is unspent, and its block is not told.
/// </summary>
public sealed class OgmiosProvider : ICardanoProvider, IAsyncDisposable
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(20);

    private readonly OgmiosConnection connection;

    // The mempool is acquired per connection, so two lookups must not mix.
    private readonly SemaphoreSlim mempool = new(1);

    /// <param name="url">For instance <c>ws://localhost:1337</c>.</param>
    public OgmiosProvider(Uri url, TimeSpan? timeout = null) => connection = new OgmiosConnection(url, timeout ?? DefaultTimeout);

    public async Task<ProtocolParameters> GetProtocolParametersAsync(CancellationToken cancellation = default) =>
        Read("queryLedgerState/protocolParameters", await QueryAsync("queryLedgerState/protocolParameters", null, cancellation), OgmiosMapping.ToParameters);

    public async Task<ChainPoint> GetTipAsync(CancellationToken cancellation = default)
    {
        var tip = await QueryAsync("queryNetwork/tip", null, cancellation);
        var height = await QueryAsync("queryNetwork/blockHeight", null, cancellation);
        return Read("queryNetwork/tip", tip, json => json.ValueKind == JsonValueKind.Object
            ? new ChainPoint(json.GetProperty("slot").GetUInt64(), Hash32.Parse(json.GetProperty("id").GetString()!), height.ValueKind == JsonValueKind.Number ? height.GetUInt64() : null)
            : new ChainPoint(0, default, 0));
    }

    public async Task<IReadOnlyList<Utxo>> GetUtxosAsync(Address address, CancellationToken cancellation = default)
    {
        var outputs = await QueryAsync("queryLedgerState/utxo", writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("addresses");
            writer.WriteStringValue(address.ToString());
            writer.WriteEndArray();
            writer.WriteEndObject();
        }, cancellation);
        return Read("queryLedgerState/utxo", outputs, static json => json.EnumerateArray().Select(OgmiosMapping.ToUtxo).ToList());
    }

    public async Task<TransactionStatus> GetStatusAsync(Hash32 transactionId, CancellationToken cancellation = default)
    {
        if (await IsInMempoolAsync(transactionId, cancellation)) return TransactionStatus.Pending;
        const int OutputsLookedFor = 32;
        var outputs = await QueryAsync("queryLedgerState/utxo", writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("outputReferences");
            for (var i = 0; i < OutputsLookedFor; i++)
            {
                writer.WriteStartObject();
                WriteId(writer, "transaction", transactionId);
                writer.WriteNumber("index", i);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }, cancellation);
        return Read("queryLedgerState/utxo", outputs, static json => json.GetArrayLength() > 0) ? new TransactionStatus(TransactionState.InBlock) : TransactionStatus.Unknown;
    }

    public async Task<SubmitOutcome> SubmitAsync(Transaction transaction, CancellationToken cancellation = default)
    {
        JsonElement answer;
        try
        {
            answer = await connection.CallAsync("submitTransaction", writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartObject("transaction");
                writer.WriteString("cbor", Convert.ToHexStringLower(transaction.Bytes.Span));
                writer.WriteEndObject();
                writer.WriteEndObject();
            }, cancellation);
        }
        catch (ProviderException e)
        {
            return new SubmitOutcome.Uncertain(e.Message);
        }

        if (!answer.TryGetProperty("error", out var error)) return new SubmitOutcome.Accepted(transaction.Id);
        var refusal = LedgerRefusal.FromOgmios(error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString() ?? "");
        return refusal.InputsAreGone && (await GetStatusAsync(transaction.Id, cancellation)).State != TransactionState.Unknown
            ? new SubmitOutcome.Accepted(transaction.Id)
            : new SubmitOutcome.Refused([refusal]);
    }

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        mempool.Dispose();
    }

    private async Task<bool> IsInMempoolAsync(Hash32 transactionId, CancellationToken cancellation)
    {
        await mempool.WaitAsync(cancellation);
        try
        {
            await QueryAsync("acquireMempool", null, cancellation);
            var found = await QueryAsync("hasTransaction", writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("id", transactionId.ToString());
                writer.WriteEndObject();
            }, cancellation);
            return found.ValueKind == JsonValueKind.True;
        }
        finally
        {
            mempool.Release();
        }
    }

    // Reads may be asked twice; the second time over a new connection.
    private async Task<JsonElement> QueryAsync(string method, Action<Utf8JsonWriter>? writeParameters, CancellationToken cancellation)
    {
        JsonElement answer;
        try
        {
            answer = await connection.CallAsync(method, writeParameters, cancellation);
        }
        catch (ProviderException)
        {
            answer = await connection.CallAsync(method, writeParameters, cancellation);
        }

        if (answer.TryGetProperty("error", out var error)) throw new ProviderException(ProviderFault.Protocol, $"Ogmios refused {method}: {error.GetRawText()}");
        return answer.TryGetProperty("result", out var result) ? result : throw new ProviderException(ProviderFault.Protocol, $"Ogmios answered {method} with neither result nor error.");
    }

    private static void WriteId(Utf8JsonWriter writer, string property, Hash32 id)
    {
        writer.WriteStartObject(property);
        writer.WriteString("id", id.ToString());
        writer.WriteEndObject();
    }

    private static T Read<T>(string method, JsonElement json, Func<JsonElement, T> read)
    {
        try
        {
            return read(json);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ProviderException(ProviderFault.Protocol, $"The answer to {method} is not what Ogmios v6 describes: {e.Message}", e);
        }
    }
}
