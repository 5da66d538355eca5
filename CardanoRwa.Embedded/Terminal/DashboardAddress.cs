namespace CardanoRwa.Embedded.Terminal;

/// <summary>Where the dashboard is, once something serves one.</summary>
internal sealed class DashboardAddress
{
    public Uri? Value { get; set; }
}
