using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CardanoRwa.Core.Jobs;

public static class JobsSetup
{
    /// <summary>What Api and Worker share.</summary>
    public static IHostApplicationBuilder AddJobs(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<JobDesk>();
        builder.Services.AddScoped<JobQueue>();
        return builder;
    }
}
