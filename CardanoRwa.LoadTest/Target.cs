namespace CardanoRwa.LoadTest;

/// <summary>A server, and what each request to it carries.</summary>
internal sealed class Target(Uri address, IReadOnlyDictionary<string, string> headers)
{
    public Target(Uri address, string? apiKey, string? token)
        : this(address, Credentials(apiKey, token))
    {
    }

    public Uri Address => address;
    public string Host => address.Authority;

    /// <summary>Lines of a request's head.</summary>
    public string Headers { get; } = string.Concat(headers.Select(h => $"{h.Key}: {h.Value}\r\n"));

    public Wire Open() => new(address.Host, address.Port);

    public HttpClient Client()
    {
        var http = new HttpClient { BaseAddress = address };
        foreach (var (name, value) in headers)
        {
            http.DefaultRequestHeaders.Add(name, value);
        }
        return http;
    }

    /// <summary>Prepares a profile's requests in the order of its mix.</summary>
    public async Task<IReadOnlyList<RequestBytes>> PrepareAsync(Scenario scenario, Profile profile, CancellationToken cancellationToken)
    {
        var models = profile.Mix.Distinct().ToDictionary(m => m, m => scenario.Requests[m]);
        var content = await Content.OfAsync(this, models.Values, scenario.Prepare, cancellationToken: cancellationToken);
        var prepared = models.ToDictionary(m => m.Key, m => RequestBytes.Create(m.Key, m.Value, this, content));
        return [.. profile.Mix.Select(m => prepared[m])];
    }

    private static Dictionary<string, string> Credentials(string? apiKey, string? token) => (apiKey, token) switch
    {
        (_, { } bearer) => new() { ["Authorization"] = $"Bearer {bearer}" },
        ({ } key, _) => new() { ["X-Api-Key"] = key },
        _ => [],
    };
}
