using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;

namespace CardanoRwa.Core.Data;

/// <summary>
/// Several servers behind one connection string (<c>Host=a:5432,b:5432;Target Session Attributes=primary</c>), of which one takes writes.
/// Connections go to whichever that is at the moment.
/// </summary>
public static class PrimarySource
{
    // A host that is gone without a word must not hold up the search for the other one.
    private const int ConnectSeconds = 3;
    private const int RecheckSeconds = 1;
    private static readonly NpgsqlConnectionStringBuilder Defaults = new();
    private static readonly ConcurrentDictionary<string, Lazy<NpgsqlMultiHostDataSource>> Sources = new(StringComparer.Ordinal);

    public static bool IsPair(string? connectionString) =>
        !string.IsNullOrEmpty(connectionString) && new NpgsqlConnectionStringBuilder(connectionString).Host?.Contains(',', StringComparison.Ordinal) == true;

    /// <summary>One for each connection string: it keeps the pools and what is known of each server.</summary>
    public static NpgsqlMultiHostDataSource For(string connectionString) =>
        Sources.GetOrAdd(connectionString, text => new(() => Build(text, DataOptions.Prepare))).Value;

    // EF Core offers no public way to see the connection string that the host has given.
#pragma warning disable EF1001
    internal static string? ConnectionStringOf(DbContextOptionsBuilder options) => options.Options.FindExtension<NpgsqlOptionsExtension>()?.ConnectionString;
#pragma warning restore EF1001

    internal static NpgsqlMultiHostDataSource Build(string connectionString, Action<NpgsqlDataSourceBuilder>? prepare)
    {
        var source = new NpgsqlDataSourceBuilder(connectionString);
        prepare?.Invoke(source);
        var settings = source.ConnectionStringBuilder;
        // The target is chosen from the data source; both at once are refused.
        settings.TargetSessionAttributes = null;
        if (settings.Timeout == Defaults.Timeout)
        {
            settings.Timeout = ConnectSeconds;
        }
        if (settings.HostRecheckSeconds == Defaults.HostRecheckSeconds)
        {
            settings.HostRecheckSeconds = RecheckSeconds;
        }
        return source.BuildMultiHost();
    }
}
