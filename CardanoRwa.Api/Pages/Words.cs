using System.Globalization;

namespace CardanoRwa.Api.Pages;

/// <summary>Quantities as people read them; instants in UTC, which everyone on call shares.</summary>
internal static class Words
{
    private const string Minutes = "yyyy-MM-dd HH:mm 'UTC'";

    public static Html Time(DateTimeOffset? at, string format = Minutes) => at is { } known
        ? Html.Of($"""<time datetime="{known.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}">{known.UtcDateTime.ToString(format, CultureInfo.InvariantCulture)}</time>""")
        : Html.Of($"not known");

    public static string Span(double? seconds) => seconds switch
    {
        null => "not known",
        < 10 => Invariant($"{seconds.Value:0.0} s"),
        < 120 => Invariant($"{seconds.Value:0} s"),
        < 7_200 => Invariant($"{seconds.Value / 60:0} min"),
        < 172_800 => Invariant($"{seconds.Value / 3_600:0} h"),
        _ => Invariant($"{seconds.Value / 86_400:0} days"),
    };

    public static string Bytes(double bytes) => bytes switch
    {
        < 1_000 => Invariant($"{bytes:0} B"),
        < 1_000_000 => Invariant($"{bytes / 1_000:0.0} kB"),
        < 1_000_000_000 => Invariant($"{bytes / 1_000_000:0.0} MB"),
        _ => Invariant($"{bytes / 1_000_000_000:0.0} GB"),
    };

    /// <summary>As many digits as tell 99.9 from 99.99; never rounded up to a whole that it is not.</summary>
    public static string Percent(double? share) => share switch
    {
        null => "no requests",
        1 => "100 %",
        { } known => Invariant($"{Math.Floor(known * 100_000) / 1_000:0.000} %"),
    };

    /// <summary>'not_used' as 'Not used'.</summary>
    public static string Title(string wire) => wire.Length == 0 ? "" : char.ToUpperInvariant(wire[0]) + wire[1..].Replace('_', ' ');

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
