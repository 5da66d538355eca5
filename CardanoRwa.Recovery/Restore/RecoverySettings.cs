using System.Globalization;
using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Recovery.Restore;

/// <summary>What a restored server is told: how far to replay, and where its WAL comes from.</summary>
internal static class RecoverySettings
{
    /// <summary>Every session of a restored server can read it: a restored registry is behind the chain and its receivers until somebody says otherwise.</summary>
    public const string RestoredSetting = "rwa.restored";

    private const string CommandSetting = "restore_command";

    /// <summary>All there is lies in pg_wal already, where Postgres looks after its command has said 'not found'.</summary>
    private static string NoCommand => OperatingSystem.IsWindows() ? "exit 1" : "false";

    /// <summary>
    /// postgresql.auto.conf with the settings of this restore in place of an earlier one's: the server refuses to start with two kinds of
    /// target, even where one is empty.
    /// </summary>
    /// <param name="before">The source's settings.</param>
    /// <param name="target">How far to replay.</param>
    /// <param name="timeline">Along which timeline.</param>
    /// <param name="restoreId">What the restored server tells its clients in <see cref="RestoredSetting"/>.</param>
    /// <param name="isFed">All comes by pg_wal, some of it later, see <see cref="ReplayFeed"/>: nothing is asked.</param>
    public static string Write(string before, RestoreTarget target, uint timeline, string restoreId, bool isFed)
    {
        List<(string Name, string Value)> settings =
        [
            (CommandSetting, isFed ? "" : NoCommand),
            ("recovery_target_timeline", timeline.ToString(CultureInfo.InvariantCulture)),
            // Without this it would pause at the target and wait for a hand.
            ("recovery_target_action", "promote"),
            (RestoredSetting, restoreId),
            // The copy must not write into its source's archive.
            ("archive_mode", "off"),
        ];
        settings.AddRange(target switch
        {
            RestoreTarget.Backup => [("recovery_target", "immediate")],
            RestoreTarget.Time => [("recovery_target_time", target.ToString()!)],
            RestoreTarget.Position => [("recovery_target_lsn", target.ToString()!)],
            RestoreTarget.Named => [("recovery_target_name", target.ToString()!)],
            _ => Array.Empty<(string, string)>(),
        });
        string[] replaced = ["recovery_target", CommandSetting, "archive_mode", RestoredSetting];
        var kept = before.Split('\n').Where(l => !Array.Exists(replaced, name => l.StartsWith(name, StringComparison.Ordinal)));
        return string.Join('\n', kept).TrimEnd('\n') + "\n" + string.Concat(settings.Select(s => $"{s.Name} = '{Escaped(s.Value)}'\n"));
    }

    // The file knows both: '' and \'.
    private static string Escaped(string value) => value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal);

    /// <summary>For a cluster whose configuration lay outside its data directory: enough to start, and for replay to accept.</summary>
    public static string Minimal(ServerFacts server) =>
        "# The source kept its configuration outside its data directory, so it is not in the backup. Put it back before use.\n"
        + string.Concat(server.Settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} = '{s.Value}'\n"));

    public const string MinimalAccess = "# The source's own file was outside its data directory.\nlocal all all peer\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n";
}
