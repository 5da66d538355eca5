using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Fuzz;

/// <summary>Drives every operation of the OpenAPI document with hostile input; the Api must answer each request, and never with a fault of its own.</summary>
[Collection(GraphCollection.Name)]
public sealed class FuzzTests(GraphFixture graph)
{
    private const int Requests = 6_000;

    [Fact]
    public async Task Hostile_requests_are_all_answered_and_none_with_a_server_fault()
    {
        var document = await graph.Api.GetJsonAsync("/openapi/v1.json");
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(o => (Path: path.Name, Method: new HttpMethod(o.Name.ToUpperInvariant()), Operation: o.Value)))
            .ToList();
        var known = (await graph.Api.CreateAssetAsync()).Text("id");
        var faults = new ConcurrentBag<string>();
        var statuses = new ConcurrentDictionary<int, int>();

        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, _) =>
        {
            var hostile = new Hostile(seed);
            var (path, method, operation) = hostile.Pick(operations);
            using var request = Build(hostile, document, path, method, operation, known);
            try
            {
                using var response = await graph.Api.SendAsync(request, CancellationToken.None);
                var body = await response.Content.ReadAsStringAsync(CancellationToken.None);
                var status = (int)response.StatusCode;
                statuses.AddOrUpdate(status, 1, (_, n) => n + 1);
                if (status >= 500 || status >= 400 && !IsProblem(response, body) && !IsFromBelow(status, body))
                {
                    faults.Add($"seed {seed}: {method} {path} -> {status} {body[..Math.Min(300, body.Length)]}");
                }
            }
            catch (HttpRequestException e)
            {
                faults.Add($"seed {seed}: {method} {path} -> no answer: {e.Message}");
            }
        });

        Assert.True(faults.IsEmpty, string.Join('\n', faults.Take(20)));
        // A fuzz that never gets past the first check proves little.
        Assert.True(statuses.Keys.Count(s => s is 200 or 201 or 400 or 404 or 409 or 415 or 422) >= 5, string.Join(", ", statuses));
    }

    [Theory]
    [InlineData("GET /api/v1/assets HTTP/1.1\r\n\r\n")]
    [InlineData("GET /api/v1/assets?q=%ff%fe%00 HTTP/1.1\r\nHost: x\r\nX-Api-Key: rwa-dev-key\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/v1/assets/%2e%2e/%2e%2e/secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    [InlineData("POST /api/v1/assets HTTP/1.1\r\nHost: x\r\nX-Api-Key: rwa-dev-key\r\nContent-Type: application/json\r\nContent-Length: -5\r\n\r\n")]
    [InlineData("POST /api/v1/assets HTTP/1.1\r\nHost: x\r\nX-Api-Key: rwa-dev-key\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("BREW /api/v1/assets HTTP/1.1\r\nHost: x\r\nX-Api-Key: rwa-dev-key\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/v1/assets HTTP/1.1\r\nHost: x\r\nX-Api-Key: a\r\nX-Api-Key: b\r\nIdempotency-Key: a\r\nConnection: close\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task Malformed_http_is_answered_with_a_client_fault(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(graph.Api.BaseAddress!.Host, graph.Api.BaseAddress.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var status = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Matches(@"^HTTP/1\.1 (2|4)\d\d ", status);
    }

    private static bool IsProblem(HttpResponseMessage response, string body) =>
        response.Content.Headers.ContentType?.MediaType == "application/problem+json" && JsonElement.Parse(body) is var problem && problem.TryGetProperty("code", out _) && problem.TryGetProperty("hint", out _);

    /// <summary>The HTTP server itself refuses what is no HTTP, before there is a request to answer: a status and no body.</summary>
    private static bool IsFromBelow(int status, string body) => status is 400 or 414 or 431 && body.Length == 0;

    private static HttpRequestMessage Build(Hostile hostile, JsonElement document, string path, HttpMethod method, JsonElement operation, string known)
    {
        var url = new StringBuilder(path.Replace("{id}", hostile.Chance(0.6) ? known : Uri.EscapeDataString(hostile.Text()), StringComparison.Ordinal));
        foreach (var id in new[] { "{recordId}", "{importId}", "{evidenceId}", "{webhookId}", "{deliveryId}" })
        {
            url.Replace(id, hostile.Chance(0.5) ? Guid.NewGuid().ToString() : Uri.EscapeDataString(hostile.Text()));
        }
        var request = new HttpRequestMessage(method, "");
        var separator = '?';
        foreach (var parameter in operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : default)
        {
            var name = parameter.Text("name");
            if (parameter.Text("in") == "query" && hostile.Chance(0.25))
            {
                url.Append(separator).Append(Uri.EscapeDataString(name.Replace("NAME", hostile.Text(), StringComparison.Ordinal))).Append('=').Append(Uri.EscapeDataString(hostile.Text()));
                separator = '&';
            }
            else if (parameter.Text("in") == "header" && hostile.Chance(0.3))
            {
                request.Headers.TryAddWithoutValidation(name, hostile.Chance(0.5) ? Guid.NewGuid().ToString() : hostile.Header());
            }
        }
        request.RequestUri = new Uri(url.ToString(), UriKind.Relative);
        if (operation.TryGetProperty("requestBody", out var requestBody) || hostile.Chance(0.1) && method != HttpMethod.Get)
        {
            var content = requestBody.ValueKind == JsonValueKind.Object ? requestBody.GetProperty("content").EnumerateObject().First() : default;
            JsonElement? schema = content.Value.ValueKind == JsonValueKind.Object && content.Value.TryGetProperty("schema", out var s) ? s : null;
            request.Content = new ByteArrayContent(hostile.Body(schema, document));
            var mediaType = hostile.Chance(0.05) ? hostile.Header() : content.Value.ValueKind == JsonValueKind.Object ? content.Name : "application/json";
            request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        }
        return request;
    }
}
