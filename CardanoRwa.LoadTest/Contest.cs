using System.Text.Json;
using System.Text.RegularExpressions;

namespace CardanoRwa.LoadTest;

/// <summary>Servers that answer the same questions, each in its own words: one is the subject, and ratios are its rate by another's.</summary>
/// <param name="Subject">The server in question.</param>
/// <param name="Users">Connections, closed loop, without thought.</param>
/// <param name="SecondsEach">How long each server is asked in a round.</param>
/// <param name="Rounds">Turns of all servers.</param>
/// <param name="Servers">By name.</param>
/// <param name="Requests">By name: of each server, or under "*" for those that are not named.</param>
/// <param name="Pages">Of the subject's listing that are walked for {asset} and {cursor}, 200 assets each.</param>
internal sealed partial record Contest(
    string Subject, int Users, int SecondsEach, int Rounds, IReadOnlyDictionary<string, ContestServer> Servers,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, RequestModel>> Requests, int Pages = 20)
{
    private const string Any = "*";

    public static async Task<Contest> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var contest = await JsonSerializer.DeserializeAsync(file, LoadJson.Default.Contest, cancellationToken) ?? throw new InvalidDataException($"{path} is empty.");
        return contest.Servers.ContainsKey(contest.Subject) ? contest : throw new InvalidDataException($"{path} has no server '{contest.Subject}', its subject.");
    }

    /// <summary>What a server is asked; null where it cannot be asked that.</summary>
    public RequestModel? Model(string request, string server) => Requests[request].GetValueOrDefault(server) ?? Requests[request].GetValueOrDefault(Any);

    /// <summary>A server with its headers, in which ${NAME} is a variable of the environment: credentials stand in no file.</summary>
    public Target Target(string server, Uri address) => new(address, (Servers[server].Headers ?? new Dictionary<string, string>()).ToDictionary(
        h => h.Key,
        h => Variable().Replace(h.Value, v => Environment.GetEnvironmentVariable(v.Groups[1].Value) ?? throw new InvalidDataException($"'{server}' needs {v.Groups[1].Value} in the environment."))));

    [GeneratedRegex(@"\$\{([A-Z_]+)\}")]
    private static partial Regex Variable();
}

/// <param name="Headers">Of every request to it.</param>
/// <param name="About">What it is, with its version.</param>
internal sealed record ContestServer(IReadOnlyDictionary<string, string>? Headers = null, string? About = null);
