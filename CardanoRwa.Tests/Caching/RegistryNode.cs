using CardanoRwa.Core;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Tests.Caching;

/// <summary>One replica's worth of registry and cache in this process, over the graph's Postgres and RESP server.</summary>
internal static class RegistryNode
{
    public static IHost Create(GraphFixture graph, Action<DbContextOptionsBuilder>? configure = null, string? cache = null, Action<HostApplicationBuilder>? adjust = null, string? database = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:rwadb", database ?? graph.Database), new("ConnectionStrings:cache", cache ?? graph.Cache)]);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.AddServiceDefaults();
        builder.AddNpgsqlDbContext<RwaDbContext>("rwadb", configureDbContextOptions: options =>
        {
            DataOptions.Configure(options);
            configure?.Invoke(options);
        });
        builder.AddRedisDistributedCache("cache");
        builder.AddRegistry().AddRegistryCache();
        builder.Services.AddHostedService<ChangeFeed>();
        adjust?.Invoke(builder);
        return builder.Build();
    }
}
