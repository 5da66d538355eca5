using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Auth;
using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Imports;
using CardanoRwa.Core.Restored;
using CardanoRwa.Core.Writes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CardanoRwa.Core;

public static class RegistrySetup
{
    /// <summary>The registry's rules over a context that is registered already.</summary>
    public static IHostApplicationBuilder AddRegistry(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SchemaState>();
        services.AddHealthChecks().AddCheck<SchemaState>("schema", timeout: TimeSpan.FromSeconds(3));
        services.AddScoped<MigrationRunner>();
        services.AddScoped<RegistryWriter>();
        services.AddScoped<RegistryTransaction>();
        services.AddScoped<AssetRegistry>();
        services.AddScoped<ComplianceDesk>();
        services.AddScoped<AssetImporter>();
        services.AddScoped<ApiKeyStore>();
        services.AddScoped<OpsSessions>();
        services.AddScoped<RestoreHold>();
        services.AddScoped<DrillHistory>();
        services.AddSingleton<RegistrySource>();
        services.AddSingleton<AssetLoads>();
        services.AddSingleton<AssetIntake>();
        services.AddSingleton<AssetReader>();
        if (builder.Configuration.GetConnectionString("rwadb") is { } database && PrimarySource.IsPair(database))
        {
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<FailoverRehearsal>(provider, database));
        }
        return builder;
    }
}
