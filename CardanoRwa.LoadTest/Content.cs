using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CardanoRwa.LoadTest;

/// <summary>What stands for the braces of a request; taken from the server, or made there, before the run.</summary>
/// <param name="Run">For {run}: eight hexadecimal digits, others each time.</param>
/// <param name="Values">Each name's values; the n-th request takes the n-th, round and round.</param>
internal sealed record Content(string Run, IReadOnlyDictionary<string, IReadOnlyList<string>> Values)
{
    public const string Asset = "asset", Cursor = "cursor";
    private const int Tries = 60;

    /// <summary>Nothing but a new {run}.</summary>
    public static Content Empty() => new(Guid.NewGuid().ToString("N")[..8], new Dictionary<string, IReadOnlyList<string>>());

    /// <summary>Reads or makes what these requests name.</summary>
    /// <param name="target">The server.</param>
    /// <param name="models">Requests.</param>
    /// <param name="prepare">How to make what is not listed.</param>
    /// <param name="pages">Of the listing that are walked.</param>
    /// <param name="limit">Assets of each.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Content> OfAsync(
        Target target, IReadOnlyCollection<RequestModel> models, IReadOnlyDictionary<string, IReadOnlyList<RequestModel>>? prepare = null, int pages = 20, int limit = 50, CancellationToken cancellationToken = default)
    {
        var content = Empty();
        var values = new Dictionary<string, IReadOnlyList<string>>();
        using var http = target.Client();
        if (Names(Asset) || Names(Cursor))
        {
            (values[Asset], values[Cursor]) = await LookAsync(http, pages, limit, cancellationToken);
        }
        foreach (var (name, steps) in prepare ?? new Dictionary<string, IReadOnlyList<RequestModel>>())
        {
            if (Names(name))
            {
                values[name] = [await MakeAsync(http, name, steps, content.Run, cancellationToken)];
            }
        }
        return content with { Values = values };

        bool Names(string name) => models.Any(m => m.Path.Contains($"{{{name}}}", StringComparison.Ordinal));
    }

    /// <summary>Ids of the listing's first pages, and the cursors of its last twenty of these.</summary>
    private static async Task<(List<string> Assets, List<string> Cursors)> LookAsync(HttpClient http, int pages, int limit, CancellationToken cancellationToken)
    {
        var (assets, cursors) = (new List<string>(), new List<string>());
        string? cursor = "";
        for (var page = 0; page < pages && cursor is not null; page++)
        {
            var query = cursor.Length == 0 ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
            using var answer = await http.GetAsync(new Uri($"/api/v1/assets?limit={limit}{query}", UriKind.Relative), cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidDataException($"{http.BaseAddress} answers {(int)answer.StatusCode} to the listing: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }
            var said = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            assets.AddRange(said.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            cursor = said.TryGetProperty("next", out var next) ? next.GetString() : null;
            if (cursor is not null)
            {
                cursors.Add(Uri.EscapeDataString(cursor));
            }
        }
        return (assets, [.. cursors.TakeLast(20)]);
    }

    /// <summary>Goes through the steps; {name} is the id that the first answered with, {last} that of the step before.</summary>
    private static async Task<string> MakeAsync(HttpClient http, string name, IReadOnlyList<RequestModel> steps, string run, CancellationToken cancellationToken)
    {
        string? made = null, last = null;
        foreach (var step in steps)
        {
            var answer = await StepAsync(http, step, text => text.Replace($"{{{name}}}", made, StringComparison.Ordinal).Replace("{last}", last, StringComparison.Ordinal).Replace("{run}", run, StringComparison.Ordinal), cancellationToken);
            last = (string?)answer?["id"] ?? last;
            made ??= last;
        }
        return made ?? throw new InvalidDataException($"No step of '{name}' answered with an id.");
    }

    private static async Task<JsonNode?> StepAsync(HttpClient http, RequestModel step, Func<string, string> fill, CancellationToken cancellationToken)
    {
        for (var left = Tries; ; left--)
        {
            using var request = new HttpRequestMessage(new HttpMethod(step.Method), new Uri(fill(step.Path), UriKind.Relative));
            if (step.Payload is { } payload)
            {
                request.Content = new StringContent(fill(payload), Encoding.UTF8, step.MediaType);
            }
            using var answer = await http.SendAsync(request, cancellationToken);
            var said = await answer.Content.ReadAsStringAsync(cancellationToken);
            if ((int)answer.StatusCode == step.Expect)
            {
                return said.Length == 0 ? null : JsonNode.Parse(said);
            }
            // A service that has just started may not know its keys yet, and says 409.
            if ((int)answer.StatusCode != 409 || left == 0)
            {
                throw new InvalidDataException($"{step.Method} {fill(step.Path)} was answered {(int)answer.StatusCode}, not {step.Expect}: {said}");
            }
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }
}
