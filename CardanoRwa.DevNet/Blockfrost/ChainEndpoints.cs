using System.Globalization;
using CardanoRwa.DevNet.Chain;

namespace CardanoRwa.DevNet.Blockfrost;

internal static class ChainEndpoints
{
    internal static RouteGroupBuilder MapChain(this RouteGroupBuilder api, bool withHealth)
    {
        // At the root that path is the probe's.
        if (withHealth) api.MapGet("/health", static () => new { IsHealthy = true });
        api.MapGet("/health/clock", static (TimeProvider time) => new { ServerTime = time.GetUtcNow().ToUnixTimeMilliseconds() });
        api.MapGet("/genesis", GenesisOf);
        api.MapGet("/network", Network);
        api.MapGet("/epochs/latest", static (Node node) => node.Read(static view => Epoch(view, NodeView.EpochOf(view.Clock.Slot))));
        api.MapGet("/epochs/latest/parameters", static (Node node) => node.Read(static view => EpochParameters.Of(NodeView.EpochOf(view.Clock.Slot), view.Parameters)));
        api.MapGet("/epochs/{number}/parameters", ParametersOf);
        api.MapGet("/blocks/latest", static (Node node) => node.Read(static view => BlockContent.Of(view, view.Index.Tip)));
        api.MapGet("/blocks/latest/txs", (HttpRequest request, Node node) => Transactions(request, node, static view => view.Index.Tip));
        api.MapGet("/blocks/{block}", (string block, Node node) => Find(block, node));
        api.MapGet("/blocks/{block}/txs", TransactionsOf);
        return api;
    }

    private static IResult GenesisOf(Node node) => node.Read(static view => Results.Json(new
    {
        ActiveSlotsCoefficient = view.Options.ActiveSlotsCoefficient,
        UpdateQuorum = 5,
        MaxLovelaceSupply = Amounts.Text(Genesis.Supply),
        Genesis.NetworkMagic,
        Genesis.EpochLength,
        SystemStart = view.Clock.TimeOf(0),
        SlotsPerKesPeriod = 129600,
        SlotLength = 1,
        MaxKesEvolutions = 62,
        SecurityParam = Genesis.SecurityParameter,
    }));

    private static IResult Network(Node node) => node.Read(static view =>
    {
        var supply = Amounts.Text(Genesis.Supply);
        return Results.Json(new { Supply = new { Max = supply, Total = supply, Circulating = supply, Locked = "0", Treasury = "0", Reserves = "0" }, Stake = new { Live = "0", Active = "0" } });
    });

    private static object Epoch(NodeView view, ulong epoch)
    {
        var blocks = view.Chain.Blocks.Where(b => NodeView.EpochOf(b.Slot) == epoch).ToList();
        var start = view.Clock.TimeOf(epoch * Genesis.EpochLength);
        return new
        {
            Epoch = epoch,
            StartTime = start,
            EndTime = start + (long)Genesis.EpochLength,
            FirstBlockTime = blocks.Count == 0 ? start : view.Clock.TimeOf(blocks[0].Slot),
            LastBlockTime = blocks.Count == 0 ? start : view.Clock.TimeOf(blocks[^1].Slot),
            BlockCount = blocks.Count,
            TxCount = blocks.Sum(static b => b.Transactions.Count),
            Output = Amounts.Text(blocks.Aggregate((Int128)0, static (sum, b) => sum + b.Output)),
            Fees = Amounts.Text(blocks.Aggregate((Int128)0, static (sum, b) => sum + b.Fees)),
            ActiveStake = (string?)null,
        };
    }

    private static IResult ParametersOf(string number, Node node) => node.Read(view =>
        !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? ApiError.BadRequest("Missing, out of range or malformed epoch_number.")
        : epoch > NodeView.EpochOf(view.Clock.Slot) ? ApiError.NotFound()
        : Results.Json(EpochParameters.Of(epoch, view.Parameters)));

    private static IResult Find(string block, Node node)
    {
        if (!TryParse(block, out var find)) return ApiError.BadRequest("Missing, out of range or malformed block number.");
        var found = node.Read(view => find(view) is { } b ? BlockContent.Of(view, b) : null);
        return found is null ? ApiError.NotFound() : Results.Json(found);
    }

    private static IResult TransactionsOf(string block, HttpRequest request, Node node) =>
        TryParse(block, out var find) ? Transactions(request, node, find) : ApiError.BadRequest("Missing, out of range or malformed block number.");

    private static IResult Transactions(HttpRequest request, Node node, Func<NodeView, Block?> find)
    {
        if (!Paging.TryRead(request, out var paging, out var error)) return error;
        var found = node.Read(view => find(view) is { } b ? paging.Of(b.Transactions).Select(static t => t.Id.ToString()).ToList() : null);
        return found is null ? ApiError.NotFound() : Results.Json(found);
    }

    private static bool TryParse(string block, out Func<NodeView, Block?> find)
    {
        if (Hash32.TryParse(block, out var hash)) find = view => view.Index.Find(hash);
        else if (int.TryParse(block, NumberStyles.None, CultureInfo.InvariantCulture, out var height)) find = view => view.Index.Find(height);
        else find = static _ => null;
        return Hash32.TryParse(block, out _) || int.TryParse(block, NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }
}
