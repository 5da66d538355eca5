using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql.EntityFrameworkCore.PostgreSQL;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Storage.Internal;

namespace Microsoft.Extensions.Hosting;

// EF Core offers no public way to see which execution strategy a context was given.
#pragma warning disable EF1001

internal static class NpgsqlEnrichment
{
    public static void Apply<TContext>(DbContextOptionsBuilder options, NpgsqlEntityFrameworkCorePostgreSQLSettings settings) where TContext : DbContext =>
        options.UseNpgsql(npgsql =>
        {
            var configured = options.Options.FindExtension<NpgsqlOptionsExtension>();

            if (!settings.DisableRetry && NeedsRetry<TContext>(configured, options.Options))
            {
                npgsql.EnableRetryOnFailure();
            }

            if (settings.CommandTimeout is { } seconds)
            {
                if (configured?.CommandTimeout is { } other && other != seconds)
                {
                    throw new InvalidOperationException(
                        $"{typeof(TContext).Name} has a CommandTimeout of {other} s, but {nameof(NpgsqlEntityFrameworkCorePostgreSQLSettings)} asks for {seconds} s.");
                }

                npgsql.CommandTimeout(seconds);
            }
        });

    private static bool NeedsRetry<TContext>(NpgsqlOptionsExtension? configured, DbContextOptions options)
    {
        var strategy = configured?.ExecutionStrategyFactory?.Invoke(new ExecutionStrategyDependencies(null!, options, null!));
        return strategy switch
        {
            null => true,
            NpgsqlRetryingExecutionStrategy => false,
            // The exact type: a subclass is somebody's own strategy.
            _ when strategy.GetType() == typeof(NpgsqlExecutionStrategy) => true,
            _ => throw new InvalidOperationException(
                $"{typeof(TContext).Name} has an execution strategy of its own: set {nameof(NpgsqlEntityFrameworkCorePostgreSQLSettings)}.{nameof(NpgsqlEntityFrameworkCorePostgreSQLSettings.DisableRetry)}."),
        };
    }
}
