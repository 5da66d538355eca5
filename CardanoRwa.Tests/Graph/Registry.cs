using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Tests.Graph;

/// <summary>The registry's context over a test's database, without a host and without retries.</summary>
internal static class Registry
{
    public static RwaDbContext Context(string connectionString)
    {
        var options = new DbContextOptionsBuilder<RwaDbContext>().UseNpgsql(connectionString);
        DataOptions.Configure(options);
        options.UseNpgsql(npgsql => npgsql.ExecutionStrategy(d => new Microsoft.EntityFrameworkCore.Storage.NonRetryingExecutionStrategy(d)));
        return new RwaDbContext(options.Options);
    }
}
