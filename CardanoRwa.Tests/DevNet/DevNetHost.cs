using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.DevNet;
using CardanoRwa.DevNet.Chain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Tests.DevNet;

/// <summary>The development chain as it runs, on Kestrel at a free port of loopback; blocks are made on demand.</summary>
internal sealed class DevNetHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private DevNetHost(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(30) };
    }

    internal string Url => app.Urls.First();
    internal HttpClient Client { get; }
    internal Node Node => app.Services.GetRequiredService<Node>();
    internal T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    internal static async Task<DevNetHost> StartAsync(TimeProvider? time = null, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production, ApplicationName = "devnet-test" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DevNet:Mode"] = "Manual" });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(static s => $"DevNet:{s.Key}", static s => s.Value));
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (time is not null) builder.Services.AddSingleton(time);
        builder.AddServiceDefaults();
        builder.AddDevNet();
        var app = builder.Build();
        app.UseDevNetPaths();
        app.MapDefaultEndpoints();
        app.MapDevNet();
        await app.StartAsync();
        return new DevNetHost(app);
    }

    internal Task<HttpResponseMessage> SubmitAsync(Transaction transaction) => SubmitAsync(transaction.Bytes);

    internal Task<HttpResponseMessage> SubmitAsync(ReadOnlyMemory<byte> bytes)
    {
        var content = new ReadOnlyMemoryContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/cbor") } };
        return Client.PostAsync("/tx/submit", content);
    }

    internal async Task AcceptAsync(Transaction transaction)
    {
        using var response = await SubmitAsync(transaction);
        Assert.Equal($"\"{transaction.Id}\"", await response.Content.ReadAsStringAsync());
    }

    internal async Task<(int Status, JsonNode? Body)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    internal async Task<int> StatusAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        return (int)response.StatusCode;
    }

    internal async Task<JsonNode> AdminAsync(string path, object order)
    {
        using var response = await Client.PostAsJsonAsync($"/devnet/{path}", order);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }

    /// <summary>Confirmed outputs at an address, from the faucet.</summary>
    internal async Task<Utxo[]> FundAsync(Address address, int outputs = 1, ulong lovelace = 100_000_000)
    {
        var granted = await AdminAsync("faucet", new { address = address.ToString(), lovelace, outputs, confirm = true });
        var id = Hash32.Parse((string)granted["tx_hash"]!);
        return [.. Enumerable.Range(0, outputs).Select(i => new Utxo(new TxIn(id, (ushort)i), new TxOut(address, CardanoRwa.Cardano.Assets.Value.OfCoin(lovelace))))];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}
