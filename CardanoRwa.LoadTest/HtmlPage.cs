using System.Globalization;
using System.Net;
using System.Text;

namespace CardanoRwa.LoadTest;

/// <summary>A report as one page that needs nothing else: no script, pictures drawn as SVG.</summary>
internal static class HtmlPage
{
    private const string Style = """
        :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
        body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
        th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
        th:first-child, td:first-child { text-align: left }
        .bad { color: #c62828; font-weight: 600 }
        svg { width: 100%; height: auto; color: inherit }
        figure, table { margin: 1.5rem 0 }
        caption { text-align: left }
        .scroll { overflow-x: auto }
        """;

    public static string Write(Report report, IReadOnlyList<Finding> findings)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Load: {Safe(report.Profile)}</title><style>{Style}</style></head><body><main>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>Load: {Safe(report.Profile)}</h1><p>{report.At:yyyy-MM-dd HH:mm}Z, {report.Seconds:0} s, {report.Users} connections");
        page.Append(report.WantedPerSecond is { } wanted ? string.Create(CultureInfo.InvariantCulture, $", open loop at {wanted:0} a second; latency counts from when a request was due") : ", closed loop");
        page.Append(CultureInfo.InvariantCulture, $". {Safe(report.Machine)}{(report.Commit is { } commit ? $", {Safe(commit)}" : "")}.</p>");
        page.Append(CultureInfo.InvariantCulture, $"<p><strong>{report.PerSecond:0.#}</strong> answers a second, errors {report.ErrorPercent:0.###} %{(report.FirstFault is { } fault ? $" (first: {Safe(fault)})" : "")}.");
        page.Append(report.ConstantPerSecond is { } constant ? string.Create(CultureInfo.InvariantCulture, $" A bare server on this machine gave {constant:0} a second just before.") : "").Append("</p>");
        page.Append(Chart("Latency, ms", report.Series, [("p50", s => s.Latency.P50), ("p95", s => s.Latency.P95), ("p99", s => s.Latency.P99)]));
        page.Append(Chart("Answers a second", report.Series, [("answers", s => s.Count)]));
        page.Append("<div class=\"scroll\"><table><caption>Milliseconds</caption><thead><tr><th>request</th><th>count</th><th>failed</th><th>a second</th><th>p50</th><th>p95</th><th>p99</th><th>p99.9</th><th>max</th><th>database p95</th></tr></thead><tbody>");
        foreach (var r in report.Requests)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Safe(r.Name)}</td><td>{r.Count}</td><td{(r.Failures > 0 ? " class=\"bad\"" : "")}>{r.Failures}</td><td>{r.PerSecond:0.#}</td><td>{r.Latency.P50}</td><td>{r.Latency.P95}</td><td>{r.Latency.P99}</td><td>{r.Latency.P999}</td><td>{r.Latency.Max}</td><td>{r.Database?.P95}</td></tr>");
        }
        page.Append("</tbody></table></div>");
        if (findings.Count > 0)
        {
            page.Append("<div class=\"scroll\"><table><caption>Against the limits</caption><thead><tr><th>what</th><th>limit</th><th>measured</th><th></th></tr></thead><tbody>");
            foreach (var f in findings)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Safe(f.What)}</td><td>{f.Limit}</td><td>{f.Measured}</td><td{(f.Holds ? ">holds" : " class=\"bad\">breached")}</td></tr>");
            }
            page.Append("</tbody></table></div>");
        }
        return page.Append("</main></body></html>").ToString();
    }

    private static string Chart(string title, IReadOnlyList<Second> series, (string Name, Func<Second, double> Value)[] lines)
    {
        const int Width = 900, Height = 220, Left = 60, Bottom = 24;
        var top = Round(series.SelectMany(s => lines.Select(l => l.Value(s))).DefaultIfEmpty(1).Max());
        var seconds = series.Count > 0 ? series[^1].At : 1;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{title}, by second\">");
        foreach (var part in (double[])[0, 0.5, 1])
        {
            var y = Height - Bottom - (part * (Height - Bottom - 12));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\" stroke=\"currentColor\" stroke-opacity=\".2\"/><text x=\"{Left - 6}\" y=\"{y + 4:0.#}\" text-anchor=\"end\" font-size=\"12\" fill=\"currentColor\">{top * part:0.###}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + (part * (Width - Left - 4)):0.#}\" y=\"{Height - 6}\" text-anchor=\"{(part == 1 ? "end" : "middle")}\" font-size=\"12\" fill=\"currentColor\">{1 + ((seconds - 1) * part):0.#} s</text>");
        }
        for (var i = 0; i < lines.Length; i++)
        {
            var color = ((string[])["#2e7d32", "#1565c0", "#c62828"])[i];
            var points = series.Select((s, n) => string.Create(CultureInfo.InvariantCulture, $"{Left + (n * (Width - Left - 4.0) / Math.Max(1, series.Count - 1)):0.#},{Height - Bottom - (lines[i].Value(s) / top * (Height - Bottom - 12)):0.#}"));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"1.6\" points=\"{string.Join(' ', points)}\"/><text x=\"{Left + 8 + (i * 80)}\" y=\"24\" font-size=\"12\" fill=\"{color}\">{lines[i].Name}</text>");
        }
        return svg.Append("</svg></figure>").ToString();
    }

    /// <summary>The next of 1, 2, 5, 10, 20, 50 ... that is not less.</summary>
    private static double Round(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 0.001))));
        return value <= power ? power : value <= 2 * power ? 2 * power : value <= 5 * power ? 5 * power : 10 * power;
    }

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
