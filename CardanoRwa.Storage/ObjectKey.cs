using System.Buffers;

namespace CardanoRwa.Storage;

/// <summary>What a key may look like, so that it means the same in a folder, in S3 and in Azure.</summary>
internal static class ObjectKey
{
    private const int LongestBytes = 900;
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+~@,/");

    public static string Check(string key)
    {
        var whole = key.Length is > 0 and <= LongestBytes && !key.AsSpan().ContainsAnyExcept(Letters);
        // '.', '..' and what begins or ends with a dot mean something to file systems.
        return whole && key.Split('/').All(s => s.Length > 0 && s[0] != '.' && s[^1] != '.')
            ? key
            : throw new ArgumentException($"'{key}' is no key: '/'-separated names of ASCII letters, digits and -_.=+~@, without a dot at either end.", nameof(key));
    }

    public static string CheckPrefix(string prefix) => prefix.AsSpan().ContainsAnyExcept(Letters) || prefix.Split('/').Any(s => s is "." or "..")
        ? throw new ArgumentException($"'{prefix}' is no prefix of keys.", nameof(prefix))
        : prefix;
}
