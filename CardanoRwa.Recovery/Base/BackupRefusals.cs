using Npgsql;

namespace CardanoRwa.Recovery.Base;

internal static class BackupRefusals
{
    public static RecoveryRefusal Standby { get; } = new("backup.standby", "The server is a standby.", "Point the backup at the primary.");

    /// <summary>Null where the error is no matter of set-up.</summary>
    public static RecoveryRefusal? For(PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.InsufficientPrivilege => new RecoveryRefusal("backup.privileges", e.MessageText,
            "The role needs REPLICATION and EXECUTE on pg_backup_start, pg_backup_stop, pg_ls_dir, pg_stat_file and pg_read_binary_file, granted in the database it connects to."),
        PostgresErrorCodes.ObjectNotInPrerequisiteState => new RecoveryRefusal("backup.wal-level", e.MessageText, "Set wal_level to replica or logical and restart the server."),
        PostgresErrorCodes.ConfigurationLimitExceeded => new RecoveryRefusal("backup.slots", e.MessageText, "Raise max_replication_slots, or drop a slot that is not used."),
        PostgresErrorCodes.UndefinedFunction => new RecoveryRefusal("backup.version", e.MessageText, "Backups need PostgreSQL 15 or newer."),
        _ => null,
    };
}
