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
    private static readonly (string Name, Func<Command> Create)[] Verbs =
    [
        ("migrate", MigrateCommand.Create), ("apikey", ApiKeyCommand.Create), ("chain", ChainCommand.Create), ("verify-proof", VerifyProofCommand.Create),
        ("store", StoreCommand.Create), ("wal", WalCommand.Create), ("backup", BackupCommand.Create), ("restore", RestoreCommand.Create), ("keys", KeysCommand.Create),
        ("drill", DrillCommand.Create), ("config", ConfigCommand.Create), ("db", DbCommand.Create), ("failover", FailoverCommand.Create),
    ];

    /// <summary>Whether the arguments are a verb or ask for help; others are settings of the background worker.</summary>
    public static bool Means(string[] args) => args is [not ['-', ..], ..] or ["--help" or "-h" or "-?" or "--version"];

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("CardanoRwa operator commands. The database is the connection string 'rwadb' (environment: ConnectionStrings__rwadb).");
        // The one that is meant, alone: making them all takes longer than many a verb. Help and what is mistyped show every one.
        var meant = Array.Find(Verbs, v => v.Name == args[0]);
        foreach (var (_, create) in meant.Create is null ? Verbs : [meant])
        {
            root.Subcommands.Add(create());
        }
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
