using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using CardanoRwa.Worker.Drills;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Stores and keys for a verb. Nothing here needs the database or the Api.</summary>
internal sealed class RecoveryHost(IHost host, IReadOnlyList<IObjectStore> stores, IReadOnlyList<Recipient> recipients, IReadOnlyList<Identity> identities)
{
    public IReadOnlyList<IObjectStore> Stores => stores;
    public IReadOnlyList<Recipient> Recipients => recipients;
    public IReadOnlyList<Identity> Identities => identities;
    public KeyRing Keys { get; } = new(stores, recipients, identities, TimeProvider.System);
    public BackupCatalogue Catalogue => new(stores, Keys);
    public TimeProvider Clock { get; } = TimeProvider.System;
    public RecoveryOptions Options => host.Services.GetRequiredService<IOptions<RecoveryOptions>>().Value;
    public IWalSource Wal => new WalSource(stores, Keys);
    public IServiceProvider Services => host.Services;
    public IConfiguration Configuration => host.Services.GetRequiredService<IConfiguration>();

    /// <summary>Programs of the version that the newest backup was made of.</summary>
    public async Task<Outcome<PostgresPrograms>> FindProgramsAsync(string? folder, string? systemId, CancellationToken cancellationToken)
    {
        var listing = await Catalogue.ListAsync(systemId, cancellationToken);
        return await PostgresPrograms.FindAsync(folder ?? Options.PostgresFolder, listing.Backups is [.., var newest] ? newest.Manifest.Server.Major : null, cancellationToken);
    }

    /// <summary>Runs a verb; settings at fault, damage and a failing store are each a line and an exit code of their own.</summary>
    public static async Task<int> RunAsync(string? recoveryKey, bool needsRecipients, Func<RecoveryHost, Task<int>> verb, CancellationToken cancellationToken)
    {
        try
        {
            using var host = Build();
            using var stores = host.Services.GetRequiredService<StoreSet>();
            if (stores.ForBackups.Count == 0)
            {
                return ExitCodes.Report(new RecoveryRefusal("store.none", "No store is configured.", $"Configure one under {StoresOptions.Section}, such as Recovery__Stores__main__Kind=folder and Recovery__Stores__main__Path=/backups."));
            }
            if ((await KeySettings.ReadAsync(host.Services.GetRequiredService<IOptions<RecoveryOptions>>().Value, recoveryKey, needsRecipients, cancellationToken)).IsRefused(out var refusal, out var keys))
            {
                return ExitCodes.Report(refusal);
            }
            return await verb(new RecoveryHost(host, stores.ForBackups, keys.Recipients, keys.Identities));
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync(string.Join('\n', e.Failures));
            return ExitCodes.Refused;
        }
        catch (DamagedObjectException e)
        {
            await Console.Error.WriteLineAsync($"damaged: {e.Message}");
            return ExitCodes.Damaged;
        }
        catch (Exception e) when (e is StoreException or IOException or Npgsql.NpgsqlException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.Unavailable;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return ExitCodes.Stopped;
        }
    }

    private static IHost Build()
    {
        // Without the defaults: a verb ends before a settings file changes, and watching for it takes longer than a listing.
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            DisableDefaults = true,
            EnvironmentName = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT"),
        });
        builder.Configuration
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddJsonFile($"appsettings.{builder.Environment.EnvironmentName}.json", optional: true, reloadOnChange: false)
            .AddEnvironmentVariables();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.AddRecovery().AddDrillRunner();
        return builder.Build();
    }
}
