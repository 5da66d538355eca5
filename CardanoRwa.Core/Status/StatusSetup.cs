using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CardanoRwa.Core.Status;

public static class StatusSetup
{
    public static IHostApplicationBuilder AddStatus(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<IncidentDesk>();
        builder.Services.AddScoped<StatusReader>();
        builder.Services.AddScoped<OperatorReader>();
        return builder;
    }
}
