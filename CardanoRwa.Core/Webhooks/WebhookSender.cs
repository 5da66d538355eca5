using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Webhooks;

/// <summary>What became of one try.</summary>
public sealed record SendOutcome(bool Succeeded, int? Status, string? Error);

/// <summary>One try: signed, bounded in time and in what is read of the answer, to checked addresses only.</summary>
public sealed class WebhookSender : IDisposable
{
    private const int MostOfAnswer = 4 * 1024;
    private readonly HttpClient _http;
    private readonly SecretSeal _seal;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;

    public WebhookSender(WebhookTargets targets, SecretSeal seal, IOptions<WebhookOptions> options, TimeProvider clock)
    {
        (_seal, _options, _clock) = (seal, options.Value, clock);
        _http = new HttpClient(new SocketsHttpHandler
        {
            // A redirect leads where nobody checked, and a proxy would resolve names by itself.
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = targets.ConnectAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("CardanoRwa-Webhooks", "1"));
    }

    public async Task<SendOutcome> SendAsync(Webhook webhook, WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.Timeout);
        try
        {
            using var request = Request(webhook, delivery);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
            await body.ReadAtLeastAsync(new byte[MostOfAnswer], MostOfAnswer, throwOnEndOfStream: false, patience.Token);
            var status = (int)response.StatusCode;
            return response.IsSuccessStatusCode ? new SendOutcome(true, status, null) : new SendOutcome(false, status, status is >= 300 and < 400 ? "the receiver redirects, which is not followed" : $"the receiver answered {status}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new SendOutcome(false, null, $"the receiver did not answer within {_options.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new SendOutcome(false, null, (e as TargetRefusedException ?? e.InnerException as TargetRefusedException)?.Message ?? $"the receiver cannot be reached ({(e as HttpRequestException)?.HttpRequestError ?? HttpRequestError.Unknown})");
        }
        catch (CryptographicException)
        {
            return new SendOutcome(false, null, "the secret cannot be opened with this process's Webhooks:SealingKey");
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(Webhook webhook, WebhookDelivery delivery)
    {
        var now = _clock.GetUtcNow();
        List<string> secrets = [_seal.Open(webhook.Id, webhook.Secret)];
        if (webhook.PreviousSecret is { } previous && webhook.PreviousUntil > now)
        {
            secrets.Add(_seal.Open(webhook.Id, previous));
        }
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(delivery.Body)) { Headers = { ContentType = new("application/json") } } };
        request.Headers.Add(WebhookSignature.Header, WebhookSignature.Sign(secrets, now, delivery.Body));
        request.Headers.Add("Rwa-Event-Id", delivery.EventId.ToString());
        request.Headers.Add("Rwa-Event-Type", delivery.EventType);
        request.Headers.Add("Rwa-Delivery-Attempt", delivery.Attempts.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return request;
    }
}
