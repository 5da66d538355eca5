using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CardanoRwa.DevNet.Blockfrost;

/// <summary>Blockfrost's <c>count</c>, <c>page</c> and <c>order</c>. A page past the end is empty, not an error.</summary>
internal readonly record struct Paging(int Count, int Page, bool Descending)
{
    private const int MaxCount = 100;
    private const int MaxPage = 21_474_836;

    internal static bool TryRead(HttpRequest request, out Paging paging, [NotNullWhen(false)] out IResult? error)
    {
        paging = new Paging(MaxCount, 1, false);
        error = null;
        var query = request.Query;
        if (query.TryGetValue("count", out var count))
        {
            if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) error = ApiError.BadRequest("querystring/count must be integer");
            else if (number is < 1 or > MaxCount) error = ApiError.BadRequest(number < 1 ? "querystring/count must be >= 1" : $"querystring/count must be <= {MaxCount}");
            paging = paging with { Count = number };
        }

        if (query.TryGetValue("page", out var page))
        {
            if (!int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) error ??= ApiError.BadRequest("querystring/page must be integer");
            else if (number is < 1 or > MaxPage) error ??= ApiError.BadRequest(number < 1 ? "querystring/page must be >= 1" : $"querystring/page must be <= {MaxPage}");
            paging = paging with { Page = number };
        }

        if (query.TryGetValue("order", out var order))
        {
            if (order != "asc" && order != "desc") error ??= ApiError.BadRequest("querystring/order must be equal to one of the allowed values");
            paging = paging with { Descending = order == "desc" };
        }

        return error is null;
    }

    internal IEnumerable<T> Of<T>(IReadOnlyList<T> items)
    {
        var start = (long)(Page - 1) * Count;
        for (var i = start; i < Math.Min(start + Count, items.Count); i++) yield return items[(int)(Descending ? items.Count - 1 - i : i)];
    }
}
