using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Worker.Recovery;

internal static class ArchivingSetup
{
    /// <summary>Receives WAL and makes base backups, one worker at a time.</summary>
    public static IHostApplicationBuilder AddArchiving(this IHostApplicationBuilder builder)
    {
        if (!IsEnabled(builder))
        {
            return builder;
        }
        builder.AddRecovery();
        builder.Services.AddOptions<ArchivingOptions>().BindConfiguration(ArchivingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<WalOptions>().BindConfiguration(WalOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<BackupMetrics>();
        builder.Services.AddHostedService<Archiving>();
        builder.Services.AddOptions<ConfigurationOptions>().BindConfiguration(ConfigurationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<ConfigurationJob>();
        return builder;
    }

    internal static bool IsEnabled(IHostApplicationBuilder builder) =>
        builder.Configuration.GetValue<bool?>($"{ArchivingOptions.Section}:{nameof(ArchivingOptions.Enabled)}") ?? !builder.Environment.IsDevelopment();
}
