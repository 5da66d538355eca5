using CardanoRwa.Recovery.Drills;
using CardanoRwa.Worker.Jobs;
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

    /// <summary>Drills that somebody asks for; and where this worker archives, sentinels, counts and a schedule.</summary>
    public static IHostApplicationBuilder AddDrills(this IHostApplicationBuilder builder)
    {
        builder.AddRecovery().AddDrillRunner();
        builder.Services.AddJobHandler<DrillJob>();
        if (!ArchivingSetup.IsEnabled(builder))
        {
            return builder;
        }
        builder.Services.AddHostedService<SentinelBeat>();
        builder.Services.AddHostedService<DrillSchedule>();
        return builder;
    }
}
