using Microsoft.EntityFrameworkCore;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace CardanoRwa.Core.Data;

public static class DataOptions
{
    private const string Name = "rwadb"; // the label of the database's metrics

    // Npgsql's own default is all that Postgres has by its own: one process would shut the others out.
    private const int PoolSize = 40;

    /// <summary>What every host of the registry adds to the context's options.</summary>
    public static void Configure(DbContextOptionsBuilder options)
    {
        options.UseSnakeCaseNamingConvention().AddInterceptors(DatabaseTime.Commands, DatabaseTime.Transactions);
        if (PrimarySource.ConnectionStringOf(options) is { } connectionString && PrimarySource.IsPair(connectionString))
        {
            var pair = PrimarySource.For(connectionString);
            options.UseNpgsql(pair.WithTargetSession(TargetSessionAttributes.Primary), npgsql => Common(npgsql, pair));
            return;
        }
        options.UseNpgsql(npgsql => Common(npgsql.ConfigureDataSource(Prepare), null));
    }

    /// <summary>What every pool of the registry's has: a name in the metrics, and a size that leaves others theirs unless the connection string says one.</summary>
    internal static void Prepare(NpgsqlDataSourceBuilder source)
    {
        source.Name = Name;
        if (!source.ConnectionStringBuilder.ShouldSerialize("Maximum Pool Size"))
        {
            source.ConnectionStringBuilder.MaxPoolSize = PoolSize;
        }
    }

    private static void Common(NpgsqlDbContextOptionsBuilder npgsql, NpgsqlMultiHostDataSource? pair) => npgsql
        .ExecutionStrategy(dependencies => new FollowingStrategy(dependencies, pair))
        .MigrationsHistoryTable("schema_migrations");
}
