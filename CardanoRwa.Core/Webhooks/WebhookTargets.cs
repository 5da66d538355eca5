using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Webhooks;

/// <summary>How names become addresses; tests answer for names themselves.</summary>
public delegate Task<IPAddress[]> AddressLookup(string host, CancellationToken cancellationToken);

/// <summary>
/// Where webhooks may go. A name is checked when it is registered and again at each connection, on the very address that is
/// connected to, so that a name that changes its mind in between leads nowhere.
/// </summary>
public sealed class WebhookTargets(IOptions<WebhookOptions> options, IHostEnvironment environment, AddressLookup lookup)
{
    private bool AllowsPrivate => options.Value.AllowPrivateTargets ?? environment.IsDevelopment();

    public async Task<Refusal?> CheckAsync(string? url, CancellationToken cancellationToken)
    {
        if (url is not { Length: > 0 and <= 2_000 } || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0 || uri.Host.Length == 0)
        {
            return Refuse("The URL is not one that can be delivered to.", "Send an absolute https URL without user, password and fragment, of at most 2,000 characters.");
        }
        if (AllowsPrivate)
        {
            return null;
        }
        if (uri.Scheme != "https")
        {
            return Refuse("The URL is not https.", "Deliveries hold the registry's changes; give an https URL.");
        }
        try
        {
            return (await ResolveAsync(uri.IdnHost, cancellationToken)).Length == 0
                ? Refuse("The URL leads to no address on the internet.", "Private, loopback and link-local addresses are not delivered to.")
                : null;
        }
        catch (SocketException)
        {
            return Refuse("The URL's host has no address.", "Check its name.");
        }
    }

    /// <summary>Connects to a checked address, for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(context.DnsEndPoint.Host, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new TargetRefusedException();
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The addresses of a host that may be connected to.</summary>
    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await lookup(host, cancellationToken);
        // One bad address among good ones is a trick or a mistake; neither is a reason to try the others.
        return AllowsPrivate || addresses.All(PublicAddress.IsPublic) ? addresses : [];
    }

    private static Refusal Refuse(string detail, string hint) => new(RefusalKind.Unprocessable, "webhook_url_refused", detail, hint);
}

/// <summary>The receiver's name leads to an address that is not delivered to.</summary>
public sealed class TargetRefusedException() : IOException("the host's address is private, loopback or link-local");
