using Microsoft.EntityFrameworkCore;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace CardanoRwa.Core.Data;

public static class DataOptions
{
    private const string Name = "rwadb"; // the label of the database's metrics

    /// <summary>What every host of the registry adds to the context's options.</summary>
    public static void Configure(DbContextOptionsBuilder options)
    {
        options.UseSnakeCaseNamingConvention().AddInterceptors(DatabaseTime.Commands, DatabaseTime.Transactions);
        if (PrimarySource.ConnectionStringOf(options) is { } connectionString && PrimarySource.IsPair(connectionString))
        {
            var pair = PrimarySource.For(connectionString, Name);
            options.UseNpgsql(pair.WithTargetSession(TargetSessionAttributes.Primary), npgsql => Common(npgsql, pair));
            return;
        }
        options.UseNpgsql(npgsql => Common(npgsql.ConfigureDataSource(source => source.Name = Name), null));
    }

    private static void Common(NpgsqlDbContextOptionsBuilder npgsql, NpgsqlMultiHostDataSource? pair) => npgsql
        .ExecutionStrategy(dependencies => new FollowingStrategy(dependencies, pair))
        .MigrationsHistoryTable("schema_migrations");
}
