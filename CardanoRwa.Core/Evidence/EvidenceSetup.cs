using CardanoRwa.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Evidence;

public static class EvidenceSetup
{
    /// <summary>Evidence over the store that is configured for it; what Api and Worker share.</summary>
    public static IHostApplicationBuilder AddEvidence(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddStores();
        services.AddOptions<EvidenceOptions>().BindConfiguration(EvidenceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<IpfsOptions>().BindConfiguration(IpfsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<IpfsOptions>, IpfsOptionsCheck>();
        services.AddSingleton<EvidenceMetrics>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EvidenceVault>(provider, new Chosen(Store(provider))));
        services.AddScoped<EvidenceDesk>();
        services.AddScoped<EvidenceReader>();
        services.AddScoped<EvidenceManifest>();
        services.AddScoped<PinDesk>();
        services.AddSingleton<PinServices>();
        return builder;
    }

    private static IObjectStore? Store(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<EvidenceOptions>>().Value;
        if (options.Store is { Length: > 0 } name)
        {
            return provider.GetRequiredService<StoreSet>().Find(name)
                ?? throw new OptionsValidationException(EvidenceOptions.Section, typeof(EvidenceOptions), [$"{EvidenceOptions.Section}:Store names '{name}', but there is no {StoresOptions.Section}:{name}."]);
        }
        var given = options.Folder is { Length: > 0 } path ? path : null;
        if (given is null && !provider.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            return null;
        }
        // Names are hashes, so that processes, runs and databases can share the folder without ever meeting.
        var folder = given ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "cardano-rwa", "evidence");
        return StoreFactory.Create("evidence", new StoreOptions { Kind = StoreOptions.Folder, Path = Path.GetFullPath(folder), Create = true }, provider.GetRequiredService<TimeProvider>());
    }

    /// <summary>The store that was chosen for evidence, if any: a container cannot hold a null.</summary>
    public sealed record Chosen(IObjectStore? Store);
}

internal sealed class IpfsOptionsCheck : IValidateOptions<IpfsOptions>
{
    public ValidateOptionsResult Validate(string? name, IpfsOptions options) => options.Effective(development: false) switch
    {
        IpfsProvider.Kubo when options.KuboUrl is null => ValidateOptionsResult.Fail("Ipfs:Provider is Kubo, but Ipfs:KuboUrl is not set."),
        IpfsProvider.Blockfrost when options.BlockfrostProjectId is null => ValidateOptionsResult.Fail("Ipfs:Provider is Blockfrost, but Ipfs:BlockfrostProjectId is not set."),
        _ => ValidateOptionsResult.Success,
    };
}
