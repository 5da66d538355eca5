using System.Diagnostics;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Tests.Caching;
using CardanoRwa.Tests.Graph;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace CardanoRwa.Tests.Minting;

internal sealed partial class MintLab
{
    private bool _ownsChain = true;

    /// <summary>The registry as it is now, as a backup would bring it back, on the same chain. No worker may run meanwhile.</summary>
    public async Task<MintLab> CopyAsync(GraphFixture graph)
    {
        var (from, to) = (new NpgsqlConnectionStringBuilder(_database).Database!, $"lab_{Guid.NewGuid():N}");
        NpgsqlConnection.ClearAllPools();
        await using (var admin = NpgsqlDataSource.Create(graph.Database))
        {
            await using var leave = admin.CreateCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1");
            leave.Parameters.AddWithValue(from);
            await leave.ExecuteNonQueryAsync();
            await using var create = admin.CreateCommand($"CREATE DATABASE {to} TEMPLATE {from}");
            for (var left = 50; ; left--)
            {
                try
                {
                    await create.ExecuteNonQueryAsync();
                    break;
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && left > 0)
                {
                    await Task.Delay(100);
                }
            }
        }
        var database = new NpgsqlConnectionStringBuilder(_database) { Database = to }.ToString();
        return new MintLab(graph, database, Chain, RegistryNode.Create(graph, adjust: builder => builder.AddMintDesks(), database: database), new(_settings) { ["ConnectionStrings__rwadb"] = database }) { _ownsChain = false };
    }

    /// <summary>The minting processor in this process, not running: <see cref="ProcessAsync"/> takes its steps.</summary>
    public IHost CreateProcessor(Action<IServiceCollection> adjust) => RegistryNode.Create(_graph, database: _database, adjust: builder =>
    {
        builder.Configuration.AddInMemoryCollection(_settings.Select(s => KeyValuePair.Create(s.Key.Replace("__", ":", StringComparison.Ordinal), (string?)s.Value)));
        builder.AddMintDesks().AddMintProcessing();
        adjust(builder.Services);
    });

    /// <summary>Until every operation is over.</summary>
    public async Task ProcessAsync(IHost processor, TimeSpan patience)
    {
        var over = UntilOverAsync(patience);
        while (!over.IsCompleted)
        {
            await StepAsync<WalletSync>(sync => sync.RunAsync(CancellationToken.None));
            await StepAsync<MintBuilder>(builder => builder.RunAsync(CancellationToken.None));
            await StepAsync<Submitter>(submitter => submitter.SendNextAsync(CancellationToken.None));
            await StepAsync<Watcher>(watcher => watcher.RunAsync(CancellationToken.None));
        }
        await over;

        async Task StepAsync<T>(Func<T, Task> step) where T : notnull
        {
            await using var scope = processor.Services.CreateAsyncScope();
            await step(scope.ServiceProvider.GetRequiredService<T>());
        }
    }

    /// <summary>The operator's command line, as a process of its own.</summary>
    public async Task<(int Code, string Output, string Errors)> RunVerbAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "CardanoRwa.Worker.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
        return (process.ExitCode, await output, await errors);
    }
}
