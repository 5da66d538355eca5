using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Data;

public static class DataOptions
{
    /// <summary>What every host of the registry adds to the context's options.</summary>
    public static void Configure(DbContextOptionsBuilder options) => options
        .UseSnakeCaseNamingConvention()
        .AddInterceptors(DatabaseTime.Commands, DatabaseTime.Transactions)
        // Retries end within about five seconds: then the caller hears 503 and may come back.
        .UseNpgsql(npgsql => npgsql
            .ConfigureDataSource(source => source.Name = "rwadb") // the label of the database's metrics
            .EnableRetryOnFailure(maxRetryCount: 6, maxRetryDelay: TimeSpan.FromSeconds(1), errorCodesToAdd: null)
            .MigrationsHistoryTable("schema_migrations"));
}
