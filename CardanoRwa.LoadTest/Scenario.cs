using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CardanoRwa.LoadTest;

/// <summary>What is sent, by name, and in which mixes; the file is tests/performance/scenario.json, which k6 reads too.</summary>
/// <param name="Requests">Requests by name.</param>
/// <param name="Profiles">Mixes of them by name.</param>
/// <param name="Prepare">Steps that make, before a run, what {name} in a path stands for.</param>
internal sealed record Scenario(
    IReadOnlyDictionary<string, RequestModel> Requests, IReadOnlyDictionary<string, Profile> Profiles, IReadOnlyDictionary<string, IReadOnlyList<RequestModel>>? Prepare = null)
{
    public static async Task<Scenario> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var scenario = await JsonSerializer.DeserializeAsync(file, LoadJson.Default.Scenario, cancellationToken) ?? throw new InvalidDataException($"{path} is empty.");
        foreach (var (name, profile) in scenario.Profiles)
        {
            if (profile.Mix.FirstOrDefault(m => !scenario.Requests.ContainsKey(m)) is { } unknown)
            {
                throw new InvalidDataException($"Profile '{name}' names the request '{unknown}', which {path} does not have.");
            }
        }
        return scenario;
    }
}

/// <param name="Method">GET, POST or, in a preparation, PUT.</param>
/// <param name="Path">From the root; may hold {run}, {n} and one of {asset}, {cursor} or what was prepared.</param>
/// <param name="Expect">The status of success.</param>
/// <param name="Body">JSON; may hold {run} and {n}.</param>
/// <param name="Lines">Text instead of JSON; may hold the same.</param>
/// <param name="ContentType">Of the text.</param>
internal sealed record RequestModel(string Method, string Path, int Expect, JsonObject? Body = null, IReadOnlyList<string>? Lines = null, string? ContentType = null)
{
    [JsonIgnore]
    public string? Payload => Body?.ToJsonString() ?? (Lines is null ? null : string.Join('\n', Lines) + "\n");

    [JsonIgnore]
    public string MediaType => ContentType ?? "application/json";
}

/// <param name="Mix">Names of requests in the order of sending.</param>
/// <param name="Users">Users of the closed loop, connections of the open one.</param>
/// <param name="Seconds">How long is measured.</param>
/// <param name="RatePerSecond">Makes it an open loop.</param>
/// <param name="ThinkSeconds">Pause after an answer in the closed loop.</param>
/// <param name="WarmUpSeconds">Sent before, not measured.</param>
/// <param name="Summary">For people.</param>
internal sealed record Profile(IReadOnlyList<string> Mix, int Users, int Seconds, double? RatePerSecond = null, double ThinkSeconds = 0, int WarmUpSeconds = 0, string? Summary = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Scenario))]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(Comparison))]
[JsonSerializable(typeof(Contest))]
[JsonSerializable(typeof(ContestReport))]
[JsonSerializable(typeof(StartReport))]
[JsonSerializable(typeof(MarkReport))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class LoadJson : JsonSerializerContext;
