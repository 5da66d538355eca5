using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Imports;

/// <summary>The 21,597 property sales of the samples folder and the mapping that fits them.</summary>
internal static class SampleFile
{
    public const int Rows = 21_597;
    public const int Parcels = 21_420;

    public static readonly string Path = System.IO.Path.Combine(RepositoryRoot.Path, "samples", "king-county-house-sales.csv");

    public static string Url(string idPrefix = "", string kind = "real-estate") =>
        $"{HttpExtensions.AssetsPath}/import?externalId={Uri.EscapeDataString(idPrefix + "{id}")}&name={Uri.EscapeDataString("Parcel {id}, {zipcode}")}&value=%7Bprice%7D&currency=USD&jurisdiction=US-WA&kind={kind}&asOf=%7Bdate%7D&asOfFormat=M%2Fd%2Fyyyy";

    public static async Task<JsonElement> ImportAsync(HttpClient client, string url, string? key = null)
    {
        await using var file = File.OpenRead(Path);
        using var response = await SendAsync(client, url, file, "text/csv", key);
        return await response.JsonAsync(HttpStatusCode.OK);
    }

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string url, Stream body, string mediaType, string? key = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StreamContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }
}
