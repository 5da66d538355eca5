using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace CardanoRwa.Core.Assets;

/// <summary>The last row of a page: its sort value and id. Opaque to clients, holds nothing secret, and is checked like any input.</summary>
public sealed record AssetCursor(AssetSort Sort, string Key, Guid Id, string Fingerprint)
{
    public decimal Value => decimal.Parse(Key, CultureInfo.InvariantCulture);
    public DateTimeOffset CreatedAt => new(long.Parse(Key, CultureInfo.InvariantCulture), TimeSpan.Zero);

    public static AssetCursor At(Asset asset, AssetQuery query) => At(AssetView.Of(asset), query);

    public static AssetCursor At(AssetView asset, AssetQuery query) => new(query.Sort, query.Sort switch
    {
        AssetSort.CreatedAt or AssetSort.CreatedAtDescending => asset.CreatedAt.UtcTicks.ToString(CultureInfo.InvariantCulture),
        AssetSort.Value or AssetSort.ValueDescending => asset.Value.ToString(CultureInfo.InvariantCulture),
        _ => asset.Name,
    }, asset.Id, query.Fingerprint);

    public string Encode() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new[] { ((int)Sort).ToString(CultureInfo.InvariantCulture), Key, Id.ToString("N"), Fingerprint }));

    /// <returns>Null when the text is not a cursor of this order and these filters.</returns>
    public static AssetCursor? Decode(string text, AssetSort sort, string fingerprint)
    {
        try
        {
            if (JsonSerializer.Deserialize<string[]>(Base64Url.DecodeFromChars(text)) is not [{ } sortText, { } key, { } idText, { } print]
                || sortText != ((int)sort).ToString(CultureInfo.InvariantCulture)
                || print != fingerprint
                || !Guid.TryParseExact(idText, "N", out var id)
                || !IsKey(sort, key))
            {
                return null;
            }
            return new AssetCursor(sort, key, id, print);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static bool IsKey(AssetSort sort, string key) => sort switch
    {
        AssetSort.CreatedAt or AssetSort.CreatedAtDescending => long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks,
        AssetSort.Value or AssetSort.ValueDescending => decimal.TryParse(key, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _),
        _ => key.Length <= 300 && !key.Contains('\0'),
    };
}
