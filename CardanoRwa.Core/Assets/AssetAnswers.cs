using System.IO.Hashing;
using System.Text.Json;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Assets;

/// <summary>Assets as they go over the wire, whichever way they were loaded.</summary>
internal static class AssetAnswers
{
    public static CachedAnswer Of(AssetView asset) =>
        new(JsonSerializer.SerializeToUtf8Bytes(asset, RegistryJson.Default.AssetView), AssetView.TagOf(asset.Version));

    /// <param name="rows">More than the page's limit, if there are so many.</param>
    /// <param name="query">What was asked.</param>
    public static CachedAnswer Of(List<AssetView> rows, AssetQuery query)
    {
        string? next = null;
        if (rows.Count > query.Limit)
        {
            rows.RemoveRange(query.Limit, rows.Count - query.Limit);
            next = AssetCursor.At(rows[^1], query).Encode();
        }
        var body = JsonSerializer.SerializeToUtf8Bytes(new AssetPage(rows, next), RegistryJson.Default.AssetPage);
        return new CachedAnswer(body, $"\"{XxHash128.HashToUInt128(body):x32}\"", next);
    }
}
