namespace CardanoRwa.Api.Pages;

/// <param name="Label">On the axis, where there is room.</param>
/// <param name="Text">The value in words.</param>
/// <param name="Look">The bar's class: good, bad or none.</param>
internal sealed record Bar(string Label, double Value, string Text, string Look);

/// <summary>Bars as inline SVG, with the same numbers as a table below for whoever cannot see them.</summary>
internal static class BarChart
{
    private const double Width = 600, Height = 160, Left = 4, Top = 12, Bottom = 24, LeastBar = 2;

    /// <param name="id">Unique in the page.</param>
    /// <param name="title">What is shown.</param>
    /// <param name="measure">What a bar's height means, for the table.</param>
    /// <param name="bars">Oldest first.</param>
    /// <param name="from">The value at the foot of the chart.</param>
    /// <param name="target">Where a line is drawn, if anywhere.</param>
    /// <param name="targetText">What the line says.</param>
    public static Html Draw(string id, string title, string measure, IReadOnlyList<Bar> bars, double from = 0, double? target = null, string? targetText = null)
    {
        if (bars.Count == 0)
        {
            return Html.Of($"""<figure class="chart"><figcaption id="{id}">{title}</figcaption><p class="muted">Nothing to show yet.</p></figure>""");
        }
        var most = Math.Max(bars.Max(b => b.Value), target ?? double.MinValue);
        var scale = (Height - Top - Bottom) / Math.Max(most - from, 1e-9);
        var step = (Width - 2 * Left) / Math.Max(bars.Count, 12);
        return Html.Of($"""
            <figure class="chart">
            <figcaption id="{id}">{title}</figcaption>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-labelledby="{id}" aria-describedby="{id}-last">
            {Html.All(bars.Index(), b => One(b.Item, b.Index, step, scale, from))}
            <line class="axis" x1="0" y1="{Height - Bottom}" x2="{Width}" y2="{Height - Bottom}"></line>
            {(target is { } at && at > from ? Line(Height - Bottom - (at - from) * scale, targetText ?? "target") : Html.Empty)}
            <text class="tick" x="{Left}" y="{Height - 6}">{bars[0].Label}</text>
            {(bars.Count > 1 ? Html.Of($"""<text class="tick" x="{Left + step * bars.Count:0.#}" y="{Height - 6}" text-anchor="end">{bars[^1].Label}</text>""") : Html.Empty)}
            </svg>
            <p class="muted" id="{id}-last">Latest, {bars[^1].Label}: {bars[^1].Text}.</p>
            <details><summary>Numbers of this chart</summary><div class="scroll" role="region" aria-label="{title}, numbers" tabindex="0"><table><caption class="hidden">{title}</caption>
            <thead><tr><th scope="col">When</th><th scope="col">{measure}</th></tr></thead>
            <tbody>{Html.All(bars.Reverse(), b => Html.Of($"""<tr><th scope="row">{b.Label}</th><td>{b.Text}</td></tr>"""))}</tbody></table></div></details>
            </figure>
            """);
    }

    private static Html One(Bar bar, int index, double step, double scale, double from)
    {
        var height = Math.Max(LeastBar, (bar.Value - from) * scale);
        return Html.Of($"""<rect class="bar {bar.Look}" x="{Left + index * step + 1:0.##}" y="{Height - Bottom - height:0.##}" width="{Math.Max(1, step - 2):0.##}" height="{height:0.##}"><title>{bar.Label}: {bar.Text}</title></rect>""");
    }

    private static Html Line(double y, string text) => Html.Of($"""
        <line class="target" x1="0" y1="{y:0.##}" x2="{Width}" y2="{y:0.##}"></line><text class="tick" x="{Width - Left}" y="{Math.Max(10, y - 4):0.##}" text-anchor="end">{text}</text>
        """);
}
