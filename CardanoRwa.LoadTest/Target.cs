using System.Text.Json;

namespace CardanoRwa.LoadTest;

/// <summary>The server, and what is known of its content before the run.</summary>
internal sealed class Target(Uri address, string? apiKey, string? token)
{
    public Uri Address => address;
    public string Host => address.Authority;

    /// <summary>Lines of a request's head.</summary>
    public string Headers { get; } = (apiKey, token) switch
    {
        (_, { } bearer) => $"Authorization: Bearer {bearer}\r\n",
        ({ } key, _) => $"X-Api-Key: {key}\r\n",
        _ => "",
    };

    public Wire Open() => new(address.Host, address.Port);

    /// <summary>Prepares a profile's requests in the order of its mix.</summary>
    public async Task<IReadOnlyList<RequestBytes>> PrepareAsync(Scenario scenario, Profile profile, CancellationToken cancellationToken)
    {
        var models = profile.Mix.Distinct().ToDictionary(m => m, m => scenario.Requests[m]);
        var (assets, cursors) = models.Values.Any(m => m.Path.Contains('{', StringComparison.Ordinal)) ? await LookAsync(cancellationToken) : ([], []);
        var run = Guid.NewGuid().ToString("N")[..12];
        var prepared = models.ToDictionary(m => m.Key, m => RequestBytes.Create(m.Key, m.Value, Host, Headers, run, assets, cursors));
        return [.. profile.Mix.Select(m => prepared[m])];
    }

    /// <summary>Ids and cursors from up to 20 pages of the listing.</summary>
    private async Task<(List<string> Assets, List<string> Cursors)> LookAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = address };
        foreach (var line in Headers.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            http.DefaultRequestHeaders.Add(line.Split(": ")[0], line.Split(": ")[1]);
        }
        var (assets, cursors) = (new List<string>(), new List<string>());
        for (string? cursor = ""; cursor is not null && cursors.Count < 20;)
        {
            var query = cursor.Length == 0 ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
            using var answer = await http.GetAsync(new Uri($"/api/v1/assets?limit=50{query}", UriKind.Relative), cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidDataException($"{address} answers {(int)answer.StatusCode} to the listing: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }
            var page = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            assets.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
            if (cursor is not null)
            {
                cursors.Add(Uri.EscapeDataString(cursor));
            }
        }
        return (assets, cursors);
    }
}
