using Microsoft.Extensions.Configuration;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>Section <c>Standby</c>; <c>--standby</c> on the command line is short for <c>--Standby:Enabled=true</c>.</summary>
internal sealed class StandbyOptions
{
    public const string Section = "Standby";

    /// <summary>Run a second server that follows the first and can take its place.</summary>
    public bool Enabled { get; set; }

    /// <summary>Commits wait until the standby has them on disk: nothing that was acknowledged is lost with the primary, and writes wait while the standby is away.</summary>
    public bool Synchronous { get; set; }

    public static StandbyOptions Read(IConfiguration configuration) => configuration.GetSection(Section).Get<StandbyOptions>() ?? new StandbyOptions();
}
