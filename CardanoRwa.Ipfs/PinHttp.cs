using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CardanoRwa.Ipfs;

/// <summary>What the two HTTP services have in common: a file as multipart, a bounded JSON answer, errors told apart.</summary>
internal static class PinHttp
{
    private const int LongestAnswer = 64 * 1024;

    internal static HttpRequestMessage Upload(string path, Stream content) => new(HttpMethod.Post, path)
    {
        Content = new MultipartFormDataContent { { new StreamContent(content), "file", "file" } },
    };

    internal static async Task<T> SendAsync<T>(HttpClient http, HttpRequestMessage request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var body = await ReadAsync(response.Content, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new PinException($"{request.RequestUri!.AbsolutePath} answered {(int)response.StatusCode}", IsTransient(response.StatusCode));
            }
            // Kubo may send lines of progress first; the answer is the last line.
            return JsonSerializer.Deserialize(body.AsSpan(body.AsSpan().TrimEnd((byte)'\n').LastIndexOf((byte)'\n') + 1), type) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new PinException("the service's answer is not what its protocol says", isTransient: false, e);
        }
        catch (HttpRequestException e)
        {
            throw new PinException($"the service cannot be reached ({e.HttpRequestError})", isTransient: true, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PinException("the service did not answer in time", isTransient: true, e);
        }
    }

    /// <param name="unknown">What an answer says of a file that was not pinned.</param>
    internal static async Task RemoveAsync(HttpClient http, HttpRequestMessage request, string unknown, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var body = System.Text.Encoding.UTF8.GetString(await ReadAsync(response.Content, cancellationToken));
            if (!response.IsSuccessStatusCode && !body.Contains(unknown, StringComparison.OrdinalIgnoreCase))
            {
                throw new PinException($"{request.RequestUri!.AbsolutePath} answered {(int)response.StatusCode}", IsTransient(response.StatusCode));
            }
        }
        catch (HttpRequestException e)
        {
            throw new PinException($"the service cannot be reached ({e.HttpRequestError})", isTransient: true, e);
        }
    }

    /// <param name="unknown">What an answer says of a file that is not there.</param>
    internal static async Task<Stream?> OpenAsync(HttpClient http, HttpRequestMessage request, string unknown, CancellationToken cancellationToken)
    {
        try
        {
            // Closing the content's stream ends the response.
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return await response.Content.ReadAsStreamAsync(cancellationToken);
            }
            using (response)
            {
                var body = System.Text.Encoding.UTF8.GetString(await ReadAsync(response.Content, cancellationToken));
                return response.StatusCode == HttpStatusCode.NotFound || body.Contains(unknown, StringComparison.OrdinalIgnoreCase)
                    ? null
                    : throw new PinException($"{request.RequestUri!.AbsolutePath} answered {(int)response.StatusCode}", IsTransient(response.StatusCode));
            }
        }
        catch (HttpRequestException e)
        {
            throw new PinException($"the service cannot be reached ({e.HttpRequestError})", isTransient: true, e);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[LongestAnswer];
        var read = await stream.ReadAtLeastAsync(buffer, LongestAnswer, throwOnEndOfStream: false, cancellationToken);
        return buffer[..read];
    }

    // Kubo answers most of its errors with 500, whatever their cause.
    private static bool IsTransient(HttpStatusCode status) => (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425;
}

internal sealed record KuboAnswer([property: JsonPropertyName("Hash")] string Hash);

internal sealed record BlockfrostAnswer([property: JsonPropertyName("ipfs_hash")] string IpfsHash);

[JsonSerializable(typeof(KuboAnswer))]
[JsonSerializable(typeof(BlockfrostAnswer))]
internal sealed partial class PinJson : JsonSerializerContext;
