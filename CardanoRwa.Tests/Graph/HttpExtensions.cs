using System.Net;
using System.Text;
using System.Text.Json;

namespace CardanoRwa.Tests.Graph;

/// <summary>Requests and answers as the tests read them.</summary>
internal static class HttpExtensions
{
    public const string AssetsPath = "/api/v1/assets";

    public static async Task<HttpResponseMessage> SendJsonAsync(this HttpClient client, HttpMethod method, string path, object? body, string? key = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }
        return await client.SendAsync(request);
    }

    public static Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, object body, string? key = null) =>
        client.SendJsonAsync(HttpMethod.Post, path, body, key);

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expected == response.StatusCode, $"Expected {(int)expected}, got {(int)response.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    public static async Task<JsonElement> GetJsonAsync(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await response.JsonAsync();
    }

    /// <summary>Registers an asset and returns its JSON.</summary>
    public static async Task<JsonElement> CreateAssetAsync(this HttpClient client, object? body = null)
    {
        using var response = await client.PostAsync(AssetsPath, body ?? new { name = "An asset", value = 1 });
        return await response.JsonAsync(HttpStatusCode.Created);
    }

    public static string Text(this JsonElement json, string member) => json.GetProperty(member).ToString();

    /// <summary>Checks that an answer is a problem with this code and a hint.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var problem = await response.JsonAsync(status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, problem.Text("code"));
        Assert.NotEmpty(problem.Text("hint"));
        return problem;
    }
}
