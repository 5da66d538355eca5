using System.Globalization;

namespace CardanoRwa.Embedded.Monitoring;

/// <summary>A number in one of Grafana's units, as people write it.</summary>
internal static class Quantity
{
    public static string Text(double value, string unit) => unit switch
    {
        "percent" => Format($"{value:0.###} %"),
        "percentunit" => Format($"{value * 100:0.##} %"),
        "s" => Duration(value),
        "bytes" => Bytes(value),
        _ => Format($"{value:0.##}"),
    };

    private static string Duration(double seconds) => Math.Abs(seconds) switch
    {
        < 1 => Format($"{seconds * 1000:0.#} ms"),
        < 120 => Format($"{seconds:0.##} s"),
        < 7200 => Format($"{seconds / 60:0.#} min"),
        < 172800 => Format($"{seconds / 3600:0.#} h"),
        _ => Format($"{seconds / 86400:0.#} d"),
    };

    private static string Bytes(double bytes) => Math.Abs(bytes) switch
    {
        < 1024 => Format($"{bytes:0} B"),
        < 1048576 => Format($"{bytes / 1024:0.#} KiB"),
        < 1073741824 => Format($"{bytes / 1048576:0.#} MiB"),
        _ => Format($"{bytes / 1073741824:0.##} GiB"),
    };

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
