using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Npgsql.Replication;

namespace CardanoRwa.Recovery.Wal;

/// <summary>
/// The role that backs up and receives WAL: REPLICATION and EXECUTE on the functions used, nothing else. It can read every byte of the
/// cluster, so it is guarded like a superuser all the same.
/// </summary>
public static class BackupRole
{
    public const string Name = "rwa_backup";
    private const int Iterations = 4_096;

    private static readonly string[] Functions =
    [
        "pg_backup_start(text, boolean)", "pg_backup_stop(boolean)", "pg_ls_dir(text, boolean, boolean)", "pg_stat_file(text, boolean)",
        "pg_read_binary_file(text)", "pg_read_binary_file(text, bigint, bigint, boolean)",
    ];

    private static readonly string[] FunctionsFrom17 = ["pg_available_wal_summaries()", "pg_wal_summary_contents(bigint, pg_lsn, pg_lsn)", "pg_get_wal_summarizer_state()"];

    /// <summary>Makes the role and lets it in; may run at every start.</summary>
    /// <param name="superuser">A superuser's connection string, with its password.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The role's connection string; null where the server does not let this user make roles or grant these functions.</returns>
    public static async Task<string?> EnsureAsync(string superuser, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(superuser);
        var password = Derive(settings.Password ?? "");
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(superuser) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        try
        {
            await GrantAsync(connection, password, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
        var own = new NpgsqlConnectionStringBuilder(superuser) { Username = Name, Password = password }.ConnectionString;
        // The answer is this server's; a standby's rules are a copy of its primary's.
        if (!await IsLetInAsync(new NpgsqlConnectionStringBuilder(own) { Host = connection.Host, Port = connection.Port, TargetSessionAttributes = null }.ConnectionString, cancellationToken))
        {
            await LetInAsync(connection, cancellationToken);
        }
        return own;
    }

    /// <summary>All workers come to the same one, and there is no second secret to keep.</summary>
    private static string Derive(string password) =>
        Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(password), 32, salt: [], info: Encoding.ASCII.GetBytes(Name)));

    private static async Task GrantAsync(NpgsqlConnection connection, string password, CancellationToken cancellationToken)
    {
        // Two workers at once would both try to change the same rows; the lock is this transaction's.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var grants = Functions.Concat(connection.PostgreSqlVersion.Major >= 17 ? FunctionsFrom17 : []).Select(f => $"GRANT EXECUTE ON FUNCTION pg_catalog.{f} TO {Name};");
        await using var command = new NpgsqlCommand($"""
            SELECT pg_advisory_xact_lock(hashtext('{Name}'));
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Name}') THEN CREATE ROLE {Name} LOGIN REPLICATION; END IF;
            END $$;
            ALTER ROLE {Name} LOGIN REPLICATION PASSWORD '{Verifier(password)}';
            {string.Join('\n', grants)}
            """, connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>What the server itself would store: the password appears in no statement that it might log.</summary>
    private static string Verifier(string password)
    {
        var salt = SHA256.HashData(Encoding.ASCII.GetBytes($"{Name} {password}"))[..16];
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }

    private static async Task<bool> IsLetInAsync(string own, CancellationToken cancellationToken)
    {
        try
        {
            await using var replication = new PhysicalReplicationConnection(own);
            await replication.Open(cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            return false;
        }
    }

    /// <summary>The image of Postgres lets everyone in over the network but for replication, which 'all' does not mean.</summary>
    private static async Task LetInAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            DO $$ BEGIN
              EXECUTE format('COPY (SELECT %L) TO PROGRAM %L', 'host replication {Name} all scram-sha-256', 'cat >> ''' || current_setting('hba_file') || '''');
              PERFORM pg_reload_conf();
            END $$
            """, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
