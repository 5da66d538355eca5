using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Core.Minting.Proofs;
using CardanoRwa.Core.Minting.Reconciling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Minting;

public static class MintingSetup
{
    /// <summary>The desks that take requests in; they need no keys and no chain.</summary>
    public static IHostApplicationBuilder AddMintDesks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<MintingRules>().BindConfiguration(MintingRules.Section);
        builder.Services.TryAddScoped<EvidenceManifest>();
        builder.Services.AddScoped<TokenDesk>();
        builder.Services.AddScoped<MintDesk>();
        builder.Services.AddScoped<SignatureDesk>();
        builder.Services.AddScoped<OperationReader>();
        builder.Services.AddScoped<ProofWriter>();
        return builder;
    }

    /// <summary>What makes, sends and follows transactions. Only where there are a wallet and a chain: see <see cref="CanMint"/>.</summary>
    public static IHostApplicationBuilder AddMintProcessing(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<MintingOptions>().BindConfiguration(MintingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ChainOptions>().BindConfiguration(ChainOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddBlockfrost(_ => { });
        services.AddOptions<Cardano.Blockfrost.BlockfrostOptions>().Configure<IOptions<ChainOptions>>((blockfrost, chain) =>
            (blockfrost.Url, blockfrost.ProjectId, blockfrost.RequestsPerSecond, blockfrost.Burst) = (chain.Value.Url, chain.Value.ProjectId, chain.Value.RequestsPerSecond, chain.Value.Burst));
        services.AddSingleton(provider => SigningWallet.Load(provider.GetRequiredService<IOptions<MintingOptions>>().Value, provider.GetRequiredService<IOptions<ChainOptions>>().Value.Network));
        services.AddSingleton<ChainView>();
        services.AddSingleton<MintMetrics>();
        services.AddScoped<OperationIntake>();
        services.AddScoped<MintBuilder>();
        services.AddScoped<Abandonment>();
        services.AddScoped<Submitter>();
        services.AddScoped<Watcher>();
        services.AddScoped<WalletSync>();
        services.AddScoped<ChainSurvey>();
        services.AddScoped<ChainRepair>();
        services.AddScoped<TokenRevival>();
        services.AddScoped<EvidenceRevival>();
        services.AddScoped<Reconciler>();
        return builder;
    }

    /// <summary>Whether the settings name a wallet and a chain.</summary>
    public static bool CanMint(this IConfiguration configuration) =>
        configuration.GetSection(ChainOptions.Section).Get<ChainOptions>()?.Url is not null
        && configuration.GetSection(MintingOptions.Section).Get<MintingOptions>()?.HasWallet == true;
}
