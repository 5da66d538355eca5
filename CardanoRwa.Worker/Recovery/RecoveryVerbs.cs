using System.CommandLine;
using System.Text.Json;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Storage;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Worker.Recovery;

/// <summary>What the verbs over stores share. None of them needs the database to be up, nor its connection string.</summary>
internal static class RecoveryVerbs
{
    public static Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON." };

    /// <summary>Runs over the configured stores; faults of the settings and of a store are told in a line.</summary>
    public static async Task<int> WithStoresAsync(Func<IServiceProvider, StoreSet, Task<int>> action)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.AddStores();
        using var host = builder.Build();
        try
        {
            var stores = host.Services.GetRequiredService<StoreSet>();
            if (stores.All.Count == 0)
            {
                await Console.Error.WriteLineAsync($"No store is configured; add one under {StoresOptions.Section}.");
                return 1;
            }
            return await action(host.Services, stores);
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync(string.Join('\n', e.Failures));
            return 1;
        }
        catch (StoreException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    public static void PrintJson<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, RecoveryJson.Options));
}
