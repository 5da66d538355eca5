namespace CardanoRwa.ServiceDefaults.Health;

internal static class HealthPaths
{
    /// <summary>Readiness: every check.</summary>
    public const string Ready = "/health";

    /// <summary>Liveness: the checks tagged <c>live</c>, which depend on nothing outside the process.</summary>
    public const string Alive = "/alive";
}
