using CardanoRwa.Ipfs;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Evidence;

/// <summary>The configured pin service; the process's only one, with connections of its own because a large file outlasts the usual time-outs.</summary>
public sealed class PinServices(EvidenceVault vault, IOptions<IpfsOptions> options, Microsoft.Extensions.Hosting.IHostEnvironment environment) : IDisposable
{
    private HttpClient? _http;

    /// <returns>Null when files wait until a service is configured.</returns>
    public IPinService? Create()
    {
        var ipfs = options.Value;
        return ipfs.Effective(environment.EnvironmentName == "Development") switch
        {
            IpfsProvider.Kubo => new KuboPins(Http(ipfs.KuboUrl!)),
            IpfsProvider.Blockfrost => new BlockfrostPins(Http(ipfs.BlockfrostUrl, ("project_id", ipfs.BlockfrostProjectId!))),
            IpfsProvider.Local when vault.IsConfigured => new LocalPins(vault),
            _ => null,
        };
    }

    public void Dispose() => _http?.Dispose();

    private HttpClient Http(string root, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        _http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(10), AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(root.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        foreach (var (name, value) in headers)
        {
            _http.DefaultRequestHeaders.Add(name, value);
        }
        return _http;
    }
}

/// <summary>Keeps a copy in the object store under its CID, where there is no IPFS to pin to.</summary>
internal sealed class LocalPins(EvidenceVault vault) : IPinService
{
    public string Name => "local";
    public TreeOptions Tree => TreeOptions.Version1;

    public async Task<string> PinAsync(Stream content, string cid, CancellationToken cancellationToken)
    {
        await using var named = new NamingStream(content, Tree);
        await vault.StoreAsync($"ipfs/{cid}", named, cancellationToken);
        return named.Cid();
    }

    public Task UnpinAsync(string pinnedAs, CancellationToken cancellationToken) => vault.RemoveAsync($"ipfs/{pinnedAs}", cancellationToken);

    public Task<Stream?> OpenAsync(string cid, CancellationToken cancellationToken) => vault.OpenAsync($"ipfs/{cid}", cancellationToken);
}
