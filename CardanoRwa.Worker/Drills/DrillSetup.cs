using CardanoRwa.Core.Jobs;
using CardanoRwa.Recovery.Drills;
using CardanoRwa.Worker.Recovery;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CardanoRwa.Worker.Drills;

internal static class DrillSetup
{
    /// <summary>What a drill needs, on a schedule or by hand.</summary>
    public static IHostApplicationBuilder AddDrillRunner(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<DrillOptions>().BindConfiguration(DrillOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<DrillMetrics>();
        builder.Services.TryAddSingleton<DrillRunner>();
        return builder;
    }

    /// <summary>Sentinels, counts and drills, where this worker archives.</summary>
    public static IHostApplicationBuilder AddDrills(this IHostApplicationBuilder builder)
    {
        if (!ArchivingSetup.IsEnabled(builder))
        {
            return builder;
        }
        builder.AddRecovery().AddDrillRunner();
        builder.Services.AddHostedService<SentinelBeat>();
        builder.Services.AddHostedService<DrillSchedule>();
        builder.Services.AddSingleton<IJobHandler, DrillJob>();
        return builder;
    }
}
