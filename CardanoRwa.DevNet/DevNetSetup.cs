using System.Text.Json;
using System.Text.Json.Serialization;
using CardanoRwa.DevNet.Admin;
using CardanoRwa.DevNet.Blockfrost;
using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Faults;
using CardanoRwa.DevNet.Ipfs;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CardanoRwa.DevNet;

public static class DevNetSetup
{
    public static WebApplicationBuilder AddDevNet(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<DevNetOptions>().BindConfiguration(DevNetOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Node>().AddSingleton<FaultPlan>().AddSingleton<FaultScript>().AddSingleton<BlockStore>();
        builder.Services.AddHostedService<BlockProducer>();
        builder.Services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
            json.SerializerOptions.MaxDepth = Cardano.Cbor.CborDecoder.MaxDepth * 2;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        });
        return builder;
    }

    /// <summary>Before anything that routes.</summary>
    public static WebApplication UseDevNetPaths(this WebApplication app)
    {
        app.UseCollapsedSlashes();
        app.UseRouting();
        return app;
    }

    public static WebApplication MapDevNet(this WebApplication app)
    {
        app.MapGet("/", Page.Show);
        app.MapGroup("/devnet").MapAdmin();
        app.MapGet(ApiPaths.Prefix, static () => new { Url = "https://blockfrost.io/", Version = "0.1.93" });
        foreach (var prefix in (string[])["", ApiPaths.Prefix])
        {
            var api = app.MapGroup(prefix);
            api.AddEndpointFilter<FaultFilter>();
            api.MapTransactions().MapAddresses().MapAssets().MapScripts().MapBlockfrostIpfs();
            api.MapChain(withHealth: prefix.Length > 0);
        }

        app.MapGroup(ApiPaths.Prefix).AddEndpointFilter<RouteGroupBuilder, FaultFilter>().MapKubo();
        app.MapFallback(static () => ApiError.BadRequest("Invalid path. Please check https://docs.blockfrost.io/"));
        return app;
    }
}
