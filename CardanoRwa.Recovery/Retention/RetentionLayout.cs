using System.Globalization;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Retention;

/// <summary>The small objects by which those who read backups and those who remove them keep out of each other's way.</summary>
internal static class RetentionLayout
{
    public static string Holds(string systemId) => $"{systemId}/leases/holds/";
    public static string Turns(string systemId) => $"{systemId}/leases/retention/";
    public static string Condemned(string systemId, string backupId) => $"{Layout.Base(systemId, backupId)}condemned.json";

    /// <summary>A name of its own for each proof: a store that locks objects lets none be replaced.</summary>
    public static string Proof(string systemId, string backupId, DateTimeOffset at) =>
        $"{Layout.Base(systemId, backupId)}verified/{at.UtcDateTime.ToString(ProofTime, CultureInfo.InvariantCulture)}.json";

    public const string ProofTime = "yyyyMMdd'T'HHmmss'Z'";
}
