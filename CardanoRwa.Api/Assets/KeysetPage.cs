using System.Buffers.Text;
using System.Globalization;
using System.Text;
using CardanoRwa.Core;

namespace CardanoRwa.Api.Assets;

/// <summary>limit and cursor of the short lists below an asset, newest first.</summary>
internal sealed record KeysetPage(int Limit, DateTimeOffset BeforeAt, Guid BeforeId)
{
    // What Postgres can hold: it has no 9999-12-31T23:59:59.9999999.
    private static readonly DateTimeOffset End = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid LastId = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    public DateOnly BeforeDay => DateOnly.FromDateTime(BeforeAt.UtcDateTime);

    public static Result<KeysetPage> Parse(string? limit, string? cursor)
    {
        var errors = new FieldErrors();
        var page = new KeysetPage(50, End, LastId);
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
                page = page with { BeforeAt = position.At, BeforeId = position.Id };
            }
            else
            {
                errors.Add("cursor", "does not belong to this list; start without it");
            }
        }
        return errors.ToRefusal() is { } refusal ? refusal : page;
    }

    /// <summary>Cuts a list of up to one row too many and names where the next page begins.</summary>
    public (IReadOnlyList<T> Items, string? Next) Cut<T>(List<T> rows, Func<T, (DateOnly Day, Guid Id)> position) =>
        Cut(rows, row => position(row) is var (day, id) ? (new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero), id) : default);

    /// <summary>As the other, for lists in order of an instant.</summary>
    public (IReadOnlyList<T> Items, string? Next) Cut<T>(List<T> rows, Func<T, (DateTimeOffset At, Guid Id)> position)
    {
        if (rows.Count <= Limit)
        {
            return (rows, null);
        }
        var (at, id) = position(rows[Limit - 1]);
        return (rows[..Limit], Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{at.UtcTicks:D19}{id:N}")));
    }

    private static (DateTimeOffset At, Guid Id)? Decode(string cursor)
    {
        if (cursor.Length > 80 || !Base64Url.IsValid(cursor))
        {
            return null;
        }
        var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor));
        return text.Length == 19 + 32
            && long.TryParse(text.AsSpan(0, 19), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= End.Ticks
            && Guid.TryParseExact(text[19..], "N", out var id)
            ? (new DateTimeOffset(ticks, TimeSpan.Zero), id)
            : null;
    }
}
