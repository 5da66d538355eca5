using System.Text.Json;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CardanoRwa.Core.Text;

/// <summary>Enumerations as they stand in JSON and in tables: lower case.</summary>
public static class WireNames
{
    public static string Wire<T>(this T value) where T : struct, Enum => Names<T>.Of[value];

    /// <summary>Exact names only: no numbers, no other case.</summary>
    public static bool TryParse<T>(string text, out T value) where T : struct, Enum => Names<T>.From.TryGetValue(text, out value);

    public static ValueConverter<T, string> Converter<T>() where T : struct, Enum => new(v => Names<T>.Of[v], s => Names<T>.From[s]);

    private static class Names<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Of = Enum.GetValues<T>().ToDictionary(v => v, v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()));
        public static readonly Dictionary<string, T> From = Of.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);
    }
}
