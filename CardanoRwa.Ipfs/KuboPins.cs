namespace CardanoRwa.Ipfs;

/// <summary>An IPFS node of one's own, by Kubo's RPC.</summary>
/// <param name="http">Its base address is the RPC's root, such as http://localhost:5001/api/v0/.</param>
public sealed class KuboPins(HttpClient http) : IPinService
{
    public string Name => "kubo";
    public TreeOptions Tree => TreeOptions.Version1;

    public async Task<string> PinAsync(Stream content, string cid, CancellationToken cancellationToken)
    {
        // All that decides the CID is said, so that a node's own defaults do not.
        using var request = PinHttp.Upload("add?cid-version=1&raw-leaves=true&chunker=size-262144&hash=sha2-256&pin=true&progress=false", content);
        return (await PinHttp.SendAsync(http, request, PinJson.Default.KuboAnswer, cancellationToken)).Hash;
    }

    public async Task UnpinAsync(string pinnedAs, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"pin/rm?arg={Uri.EscapeDataString(pinnedAs)}");
        await PinHttp.RemoveAsync(http, request, "not pinned", cancellationToken);
    }

    public async Task<Stream?> OpenAsync(string cid, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"cat?arg={Uri.EscapeDataString(cid)}");
        return await PinHttp.OpenAsync(http, request, "could not find", cancellationToken);
    }
}
