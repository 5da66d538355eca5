using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Index;

namespace CardanoRwa.DevNet.Blockfrost;

internal static class TransactionEndpoints
{
    // Far above maxTxSize, so that a transaction that is too large still learns it from the ledger.
    private const int MaxBody = 1 << 20;

    internal static RouteGroupBuilder MapTransactions(this RouteGroupBuilder api)
    {
        api.MapPost("/tx/submit", SubmitAsync);
        api.MapGet("/txs/{hash}", (string hash, Node node) => Find(hash, node, TransactionViews.Content));
        api.MapGet("/txs/{hash}/utxos", (string hash, Node node) => Find(hash, node, TransactionViews.Utxos));
        api.MapGet("/txs/{hash}/cbor", (string hash, Node node) => Find(hash, node, static (_, place) => new { Cbor = Convert.ToHexStringLower(place.Item.Bytes.Span) }));
        api.MapGet("/txs/{hash}/metadata", (string hash, Node node) => Find(hash, node, Metadata));
        api.MapGet("/txs/{hash}/metadata/cbor", (string hash, Node node) => Find(hash, node, MetadataCbor));
        api.MapGet("/mempool", Mempool);
        api.MapGet("/mempool/{hash}", Pending);
        return api;
    }

    private static async Task<IResult> SubmitAsync(HttpRequest request, Node node)
    {
        if (request.ContentType?.StartsWith("application/cbor", StringComparison.OrdinalIgnoreCase) != true)
        {
            return ApiError.Of(415, "Unsupported Media Type", $"Unsupported Media Type: {request.ContentType}. Send the transaction's bytes as application/cbor.");
        }

        var bytes = await ApiPaths.ReadBodyAsync(request, MaxBody);
        if (bytes is null) return ApiError.Of(413, "Payload Too Large", $"At most {MaxBody} bytes.");
        return node.Submit(bytes) switch
        {
            SubmitOutcome.Accepted accepted => Results.Json(accepted.Id.ToString()),
            SubmitOutcome.Refused refused => ApiError.BadRequest(SubmitErrors.Refused(refused.Faults)),
            SubmitOutcome.Malformed malformed => ApiError.BadRequest(SubmitErrors.Malformed(malformed.Error)),
            _ => ApiError.Of(425, "Mempool Full", "Mempool is full, please try resubmitting again later."),
        };
    }

    private static IResult Find<T>(string hash, Node node, Func<NodeView, TxPlace, T> show)
        where T : class
    {
        if (!Hash32.TryParse(hash, out var id)) return ApiError.NotFound();
        var found = node.Read(view => view.Index.FindTransaction(id) is { } place ? show(view, place) : null);
        return found is null ? ApiError.NotFound() : Results.Json(found);
    }

    private static IReadOnlyList<object> Metadata(NodeView view, TxPlace place) =>
        [.. (place.Item.Read().AuxiliaryData?.Metadata ?? NoMetadata).Select(static m => new { Label = Amounts.Text(m.Key), JsonMetadata = JsonOf(m.Value) })];

    private static IReadOnlyList<object> MetadataCbor(NodeView view, TxPlace place) =>
        [.. (place.Item.Read().AuxiliaryData?.Metadata ?? NoMetadata).Select(static m =>
        {
            // The map of one label, as db-sync keeps it.
            var cbor = Convert.ToHexStringLower(CborEncoder.Encode(m, static (encoder, one) => MetadataCodec.Write(encoder, new Dictionary<ulong, Metadatum> { [one.Key] = one.Value })));
            return new { Label = Amounts.Text(m.Key), CborMetadata = $"\\x{cbor}", Metadata = cbor };
        })];

    internal static System.Text.Json.JsonElement JsonOf(Metadatum value)
    {
        using var document = System.Text.Json.JsonDocument.Parse(MetadataJson.Format(value), new() { MaxDepth = CborDecoder.MaxDepth * 2 });
        return document.RootElement.Clone();
    }

    private static IResult Mempool(HttpRequest request, Node node) =>
        Paging.TryRead(request, out var paging, out var error)
            ? Results.Json(node.Read(view => paging.Of([.. view.Mempool.InOrder]).Select(static c => new { TxHash = c.Id.ToString() }).ToList()))
            : error;

    private static IResult Pending(string hash, Node node)
    {
        if (!Hash32.TryParse(hash, out var id)) return ApiError.NotFound();
        var found = node.Read(view => view.Mempool.Find(id) is { } candidate ? TransactionViews.Pending(view, candidate) : null);
        return found is null ? ApiError.NotFound() : Results.Json(found);
    }

    private static readonly Dictionary<ulong, Metadatum> NoMetadata = [];
}
