using Npgsql;

namespace CardanoRwa.Core.Data;

/// <summary>What a client meets while one server leaves and another takes its place.</summary>
public static class ServerFaults
{
    /// <summary>Nothing is wrong with the request: at the right server, a moment later, it succeeds.</summary>
    public static bool HasLeft(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow } => true,
        PostgresException => false,
        // Refused, cut off, or no server that is a primary: all of them are away.
        NpgsqlException => true,
        _ => false,
    };
}
