using CardanoRwa.Recovery;
using CardanoRwa.Storage;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Worker.Recovery;

internal static class RecoverySetup
{
    /// <summary>Stores and settings of backups. A development machine on which nothing is configured gets a folder and a key of its own.</summary>
    public static IHostApplicationBuilder AddRecovery(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(IConfigureOptions<RecoveryOptions>)))
        {
            // Bound twice, its lists would hold everything twice.
            return builder;
        }
        if (builder.Environment.IsDevelopment())
        {
            builder.Configuration.AddInMemoryCollection(DevelopmentDefaults(builder.Configuration));
        }
        builder.AddStores();
        builder.Services.AddOptions<RecoveryOptions>().BindConfiguration(RecoveryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return builder;
    }

    /// <summary>Where the worker keeps what must outlive it and was given no place.</summary>
    public static string DataFolder(string? configured) =>
        configured ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "cardano-rwa", "recovery");

    private static Dictionary<string, string?> DevelopmentDefaults(IConfiguration configuration)
    {
        var folder = DataFolder(configuration[$"{RecoveryOptions.Section}:{nameof(RecoveryOptions.DataFolder)}"]);
        var defaults = new Dictionary<string, string?>();
        if (!configuration.GetSection(StoresOptions.Section).GetChildren().Any())
        {
            defaults[$"{StoresOptions.Section}:local:{nameof(StoreOptions.Kind)}"] = StoreOptions.Folder;
            defaults[$"{StoresOptions.Section}:local:{nameof(StoreOptions.Path)}"] = Path.Combine(folder, "store");
            defaults[$"{StoresOptions.Section}:local:{nameof(StoreOptions.Create)}"] = "true";
        }
        var section = configuration.GetSection(RecoveryOptions.Section);
        if (section[nameof(RecoveryOptions.IdentityFile)] is null && !section.GetSection(nameof(RecoveryOptions.Recipients)).GetChildren().Any())
        {
            defaults[$"{RecoveryOptions.Section}:{nameof(RecoveryOptions.IdentityFile)}"] = Path.Combine(folder, KeySettings.DevelopmentFile);
        }
        return defaults;
    }
}
