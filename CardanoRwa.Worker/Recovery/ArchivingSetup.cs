using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Worker.Jobs;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Worker.Recovery;

internal static class ArchivingSetup
{
    /// <summary>Receives WAL and makes base backups, one worker at a time.</summary>
    public static IHostApplicationBuilder AddArchiving(this IHostApplicationBuilder builder)
    {
        builder.AddRecovery();
        builder.Services.AddSingleton<BackupMetrics>();
        builder.Services.AddSingleton<RestoreMetrics>();
        builder.Services.AddSingleton<BackupSource>();
        // Who asks for a backup gets one, also where none are made by themselves.
        builder.Services.AddJobHandler<BackupJob>();
        if (!IsEnabled(builder))
        {
            return builder;
        }
        builder.Services.AddOptions<ArchivingOptions>().BindConfiguration(ArchivingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<WalOptions>().BindConfiguration(WalOptions.Section)
            .PostConfigure<IOptions<RecoveryOptions>>((wal, recovery) => wal.SpoolPath = wal.SpoolPath is { Length: > 0 } given ? given : Path.Combine(RecoverySetup.DataFolder(recovery.Value.DataFolder), "wal-spool"))
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<Archiving>();
        builder.Services.AddOptions<ConfigurationOptions>().BindConfiguration(ConfigurationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<ConfigurationJob>();
        return builder;
    }

    internal static bool IsEnabled(IHostApplicationBuilder builder) =>
        builder.Configuration.GetValue<bool?>($"{ArchivingOptions.Section}:{nameof(ArchivingOptions.Enabled)}") ?? !builder.Environment.IsDevelopment();
}
