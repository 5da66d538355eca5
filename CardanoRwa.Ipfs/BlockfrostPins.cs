namespace CardanoRwa.Ipfs;

/// <summary>Blockfrost's IPFS service. It names files by CID version 0, so the same bytes have another name there.</summary>
/// <param name="http">Its base address is the service's root; the project id is among its headers.</param>
public sealed class BlockfrostPins(HttpClient http) : IPinService
{
    public string Name => "blockfrost";
    public TreeOptions Tree => TreeOptions.Version0;

    public async Task<string> PinAsync(Stream content, string cid, CancellationToken cancellationToken)
    {
        using var add = PinHttp.Upload("ipfs/add", content);
        var added = (await PinHttp.SendAsync(http, add, PinJson.Default.BlockfrostAnswer, cancellationToken)).IpfsHash;
        using var pin = new HttpRequestMessage(HttpMethod.Post, $"ipfs/pin/add/{Uri.EscapeDataString(added)}");
        var pinned = (await PinHttp.SendAsync(http, pin, PinJson.Default.BlockfrostAnswer, cancellationToken)).IpfsHash;
        return pinned == added ? added : throw new PinException($"added as {added}, but pinned {pinned}", isTransient: false);
    }

    public async Task UnpinAsync(string pinnedAs, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"ipfs/pin/remove/{Uri.EscapeDataString(pinnedAs)}");
        await PinHttp.RemoveAsync(http, request, "not been found", cancellationToken);
    }

    public async Task<Stream?> OpenAsync(string cid, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"ipfs/gateway/{Uri.EscapeDataString(cid)}");
        return await PinHttp.OpenAsync(http, request, "not been found", cancellationToken);
    }
}
