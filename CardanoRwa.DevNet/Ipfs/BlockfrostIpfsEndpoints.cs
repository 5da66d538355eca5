using System.Globalization;
using CardanoRwa.DevNet.Blockfrost;

namespace CardanoRwa.DevNet.Ipfs;

/// <summary>Blockfrost's IPFS service over the same blocks. Its files are of CID version 0, as there.</summary>
internal static class BlockfrostIpfsEndpoints
{
    internal static RouteGroupBuilder MapBlockfrostIpfs(this RouteGroupBuilder api)
    {
        api.MapPost("/ipfs/add", AddAsync);
        api.MapGet("/ipfs/gateway/{cid}", GatewayAsync);
        api.MapPost("/ipfs/pin/add/{cid}", (string cid, BlockStore store) => Change(cid, store, static (c, s) =>
        {
            if (s.Get(c) is null) return null;
            s.Pin(c);
            return new { IpfsHash = c.ToString(), State = "pinned", Filecoin = false };
        }));
        api.MapPost("/ipfs/pin/remove/{cid}", (string cid, BlockStore store) =>
            Change(cid, store, static (c, s) => s.Unpin(c) ? new { IpfsHash = c.ToString(), State = "unpinned" } : null));
        api.MapGet("/ipfs/pin/list", (HttpRequest request, BlockStore store) =>
            Paging.TryRead(request, out var paging, out var error) ? Results.Json(paging.Of([.. store.Pins]).Select(p => Pin(p, store)).ToList()) : error);
        api.MapGet("/ipfs/pin/list/{cid}", (string cid, BlockStore store) =>
            Change(cid, store, static (c, s) => s.FindPin(c) is { } pin ? Pin(pin, s) : null));
        return api;
    }

    private static async Task<IResult> AddAsync(HttpRequest request, BlockStore store)
    {
        try
        {
            await foreach (var (name, root) in Uploads.ImportAsync(request, store, TreeOptions.Version0))
            {
                return Results.Json(new { Name = name ?? root.Cid.ToString(), IpfsHash = root.Cid.ToString(), Size = root.TotalBytes.ToString(CultureInfo.InvariantCulture) });
            }
        }
        catch (IOException e)
        {
            return ApiError.BadRequest(e.Message);
        }

        return ApiError.BadRequest("The body has no file.");
    }

    private static async Task GatewayAsync(string cid, HttpContext context, BlockStore store)
    {
        if (!Cid.TryParse(cid, out var parsed) || store.FileSize(parsed) is not { } size)
        {
            await ApiError.NotFound().ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = size;
        await store.CopyAsync(parsed, 0, size, context.Response.Body, context.RequestAborted);
    }

    private static object Pin((Cid Cid, DateTimeOffset At) pin, BlockStore store) => new
    {
        TimeCreated = pin.At.ToUnixTimeSeconds(),
        TimePinned = pin.At.ToUnixTimeSeconds(),
        IpfsHash = pin.Cid.ToString(),
        Size = (store.FileSize(pin.Cid) ?? 0).ToString(CultureInfo.InvariantCulture),
        State = "pinned",
        Filecoin = false,
    };

    private static IResult Change(string cid, BlockStore store, Func<Cid, BlockStore, object?> act) =>
        !Cid.TryParse(cid, out var parsed) ? ApiError.BadRequest("Invalid or malformed IPFS path.") : act(parsed, store) is { } answer ? Results.Json(answer) : ApiError.NotFound();
}
