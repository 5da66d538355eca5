using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CardanoRwa.Cardano.Providers;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace CardanoRwa.Cardano.Blockfrost;

/// <summary>Requests and answers of the Blockfrost API; its errors told as <see cref="ProviderException"/>.</summary>
internal sealed class BlockfrostClient(HttpClient http, BlockfrostOptions options)
{
    private const int PageSize = 100;

    // Large enough for any page the API gives; bounds what a broken or hostile server can make us hold.
    internal const int MaxAnswerSize = 64 << 20;

    private readonly ResiliencePipeline<HttpResponseMessage> hedge = BlockfrostResilience.Hedge(options);
    private readonly string root = options.Url?.AbsoluteUri.TrimEnd('/') ?? throw new ArgumentException("Blockfrost needs its Url.", nameof(options));

    /// <summary>The answer, or null for 404.</summary>
    internal async Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        using var response = await SendAsync(hedge, () => new HttpRequestMessage(HttpMethod.Get, $"{root}/{path}"), cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        if (!response.IsSuccessStatusCode) throw await FaultAsync(path, response, cancellation);
        return await ReadAsync(path, response, type, cancellation);
    }

    /// <summary>All items of a paged list; none for 404.</summary>
    internal async IAsyncEnumerable<T> GetAllAsync<T>(string path, JsonTypeInfo<IReadOnlyList<T>> type, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var page = 1; ; page++)
        {
            var items = await GetAsync($"{path}?count={PageSize}&page={page}&order=asc", type, cancellation);
            foreach (var item in items ?? []) yield return item;
            if (items is null || items.Count < PageSize) yield break;
        }
    }

    internal async Task<(HttpStatusCode Status, string Text)> PostAsync(string path, ReadOnlyMemory<byte> body, string mediaType, CancellationToken cancellation)
    {
        HttpRequestMessage Request()
        {
            var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = new(mediaType);
            return new HttpRequestMessage(HttpMethod.Post, $"{root}/{path}") { Content = content };
        }

        using var response = await SendAsync(ResiliencePipeline<HttpResponseMessage>.Empty, Request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return (response.StatusCode, text);
    }

    internal static ProviderException Fault(string path, HttpStatusCode status, string text)
    {
        var fault = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ProviderFault.Unauthorized,
            BlockfrostResilience.UsageLimit or BlockfrostResilience.Banned or HttpStatusCode.TooManyRequests => ProviderFault.Throttled,
            >= HttpStatusCode.InternalServerError or BlockfrostResilience.MempoolFull => ProviderFault.Unavailable,
            _ => ProviderFault.Protocol,
        };
        return new ProviderException(fault, $"Blockfrost answered {(int)status} to /{path}: {Message(text)}");
    }

    /// <summary>The message of an error answer; the text itself if it is none.</summary>
    internal static string Message(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, BlockfrostJson.Default.ErrorDto)?.Message ?? text;
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(ResiliencePipeline<HttpResponseMessage> pipeline, Func<HttpRequestMessage> request, CancellationToken cancellation)
    {
        try
        {
            return await pipeline.ExecuteAsync(async token =>
            {
                var message = request();
                if (!string.IsNullOrEmpty(options.ProjectId)) message.Headers.Add("project_id", options.ProjectId);
                return await http.SendAsync(message, HttpCompletionOption.ResponseContentRead, token);
            }, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or BrokenCircuitException or RateLimiterRejectedException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new ProviderException(ProviderFault.Unavailable, $"Blockfrost at {root} gave no answer: {e.Message}", e);
        }
    }

    private static async Task<T> ReadAsync<T>(string path, HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonSerializer.DeserializeAsync(stream, type, cancellation) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new ProviderException(ProviderFault.Protocol, $"The answer to /{path} is not what the API describes: {e.Message}", e);
        }
    }

    private static async Task<ProviderException> FaultAsync(string path, HttpResponseMessage response, CancellationToken cancellation) =>
        Fault(path, response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
}
