using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Webhooks;

public static class WebhookSetup
{
    /// <summary>Webhooks' rules; what Api and Worker share.</summary>
    public static IHostApplicationBuilder AddWebhooks(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsCheck>();
        services.AddSingleton<AddressLookup>(Dns.GetHostAddressesAsync);
        services.AddSingleton<WebhookTargets>();
        services.AddSingleton<SecretSeal>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookMetrics>();
        services.AddSingleton<WebhookOutbox>();
        services.AddScoped<WebhookDesk>();
        services.AddScoped<WebhookFeed>();
        return builder;
    }
}
