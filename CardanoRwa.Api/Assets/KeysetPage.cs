using System.Buffers.Text;
using System.Globalization;
using System.Text;
using CardanoRwa.Core;

namespace CardanoRwa.Api.Assets;

/// <summary>limit and cursor of the short lists below an asset, newest first.</summary>
internal sealed record KeysetPage(int Limit, DateOnly BeforeDay, Guid BeforeId)
{
    private static readonly Guid LastId = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    public static Result<KeysetPage> Parse(string? limit, string? cursor)
    {
        var errors = new FieldErrors();
        var page = new KeysetPage(50, DateOnly.MaxValue, LastId);
        if (limit is not null)
        {
            if (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 200)
            {
                page = page with { Limit = number };
            }
            else
            {
                errors.Add("limit", "must be from 1 to 200");
            }
        }
        if (cursor is not null)
        {
            if (Decode(cursor) is { } position)
            {
                page = page with { BeforeDay = position.Day, BeforeId = position.Id };
            }
            else
            {
                errors.Add("cursor", "does not belong to this list; start without it");
            }
        }
        return errors.ToRefusal() is { } refusal ? refusal : page;
    }

    /// <summary>Cuts a list of up to one row too many and names where the next page begins.</summary>
    public (IReadOnlyList<T> Items, string? Next) Cut<T>(List<T> rows, Func<T, (DateOnly Day, Guid Id)> position)
    {
        if (rows.Count <= Limit)
        {
            return (rows, null);
        }
        var (day, id) = position(rows[Limit - 1]);
        return (rows[..Limit], Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{day:yyyyMMdd}{id:N}")));
    }

    private static (DateOnly Day, Guid Id)? Decode(string cursor)
    {
        if (cursor.Length > 80 || !Base64Url.IsValid(cursor))
        {
            return null;
        }
        var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor));
        return text.Length == 40
            && DateOnly.TryParseExact(text[..8], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && Guid.TryParseExact(text[8..], "N", out var id)
            ? (day, id)
            : null;
    }
}
