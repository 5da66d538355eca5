using System.Text.Json;

namespace CardanoRwa.Tests.Embedded;

/// <summary>Compares manifests value by value and in order, whatever their line ends and escapes.</summary>
internal static class ManifestDifference
{
    public static IReadOnlyList<string> Between(string expected, string actual)
    {
        var wanted = Lines(expected);
        var found = Lines(actual);
        if (wanted.SequenceEqual(found))
            return [];

        string[] difference = [.. wanted.Except(found).Select(l => $"- {l}"), .. found.Except(wanted).Select(l => $"+ {l}")];
        return difference.Length > 0 ? difference : [$"order: {wanted.Zip(found).First(p => p.First != p.Second)}"];
    }

    private static List<string> Lines(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. Lines("", document.RootElement)];
    }

    private static IEnumerable<string> Lines(string path, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object when element.EnumerateObject().Any() => element.EnumerateObject().SelectMany(p => Lines($"{path}/{p.Name}", p.Value)),
        JsonValueKind.Array when element.GetArrayLength() > 0 => element.EnumerateArray().SelectMany((e, i) => Lines($"{path}/{i}", e)),
        JsonValueKind.String => [$"{path} = \"{element.GetString()}\""],
        _ => [$"{path} = {element.GetRawText()}"],
    };
}
