using Microsoft.Extensions.Configuration;

namespace CardanoRwa.Embedded.Dashboard;

internal static class DashboardPort
{
    private const int Default = 15000;

    /// <summary>The port of the launch profile's first http address on this machine; 0 asks for any.</summary>
    public static int Wanted(IConfiguration configuration) => (configuration["ASPNETCORE_URLS"] ?? "")
        .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri is { Scheme: "http", IsLoopback: true } ? uri.Port : (int?)null)
        .FirstOrDefault(port => port is not null) ?? Default;
}
