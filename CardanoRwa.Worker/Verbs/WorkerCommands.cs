using System.CommandLine;
using CardanoRwa.Core;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Worker.Analysis;
using CardanoRwa.Worker.Drills;
using CardanoRwa.Worker.Failover;
using CardanoRwa.Worker.Minting;
using CardanoRwa.Worker.Recovery;

namespace CardanoRwa.Worker.Verbs;

/// <summary>The operator's command line. Without a verb the same binary is the background worker.</summary>
internal static class WorkerCommands
{
    /// <summary>Whether the arguments are a verb or ask for help; others are settings of the background worker.</summary>
    public static bool Means(string[] args) => args is [not ['-', ..], ..] or ["--help" or "-h" or "-?" or "--version"];

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("CardanoRwa operator commands. The database is the connection string 'rwadb' (environment: ConnectionStrings__rwadb).");
        root.Subcommands.Add(MigrateCommand.Create());
        root.Subcommands.Add(ApiKeyCommand.Create());
        root.Subcommands.Add(ChainCommand.Create());
        root.Subcommands.Add(VerifyProofCommand.Create());
        root.Subcommands.Add(StoreCommand.Create());
        root.Subcommands.Add(WalCommand.Create());
        root.Subcommands.Add(BackupCommand.Create());
        root.Subcommands.Add(RestoreCommand.Create());
        root.Subcommands.Add(KeysCommand.Create());
        root.Subcommands.Add(DrillCommand.Create());
        root.Subcommands.Add(ConfigCommand.Create());
        root.Subcommands.Add(DbCommand.Create());
        root.Subcommands.Add(FailoverCommand.Create());
        return await root.Parse(args).InvokeAsync();
    }

    /// <summary>The registry's services without the web host, logging to standard error so that standard output stays a result.</summary>
    public static IHost Host(Action<HostApplicationBuilder>? adjust = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Critical);
        builder.Logging.AddFilter<Microsoft.Extensions.Logging.Console.ConsoleLoggerProvider>("CardanoRwa", LogLevel.Information);
        builder.AddNpgsqlDbContext<RwaDbContext>("rwadb", configureDbContextOptions: DataOptions.Configure);
        builder.Services.AddDistributedMemoryCache();
        builder.AddRegistry().AddRegistryCache();
        adjust?.Invoke(builder);
        return builder.Build();
    }

    public static int Report(Refusal refusal)
    {
        Console.Error.WriteLine($"{refusal.Code}: {refusal.Detail}");
        foreach (var (field, messages) in refusal.Errors ?? new Dictionary<string, string[]>())
        {
            Console.Error.WriteLine($"  {field}: {string.Join("; ", messages)}");
        }
        Console.Error.WriteLine(refusal.Hint);
        return 1;
    }
}
