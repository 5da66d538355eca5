using System.CommandLine;
using CardanoRwa.Core.Data;
using Npgsql;

namespace CardanoRwa.Worker.Verbs;

internal static class MigrateCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Command Create()
    {
        var command = new Command("migrate", "Brings the schema up to date and exits; several at once take turns.");
        command.SetAction((_, cancellationToken) => RunAsync(cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var host = WorkerCommands.Host();
        var clock = host.Services.GetRequiredService<TimeProvider>();
        var giveUp = clock.GetUtcNow() + Patience;
        while (true)
        {
            try
            {
                await using var scope = host.Services.CreateAsyncScope();
                var applied = await scope.ServiceProvider.GetRequiredService<MigrationRunner>().RunAsync(cancellationToken);
                Console.WriteLine(applied.Count == 0 ? "The schema is current." : $"Applied {string.Join(", ", applied)}.");
                return 0;
            }
            catch (NpgsqlException e) when (e.IsTransient && clock.GetUtcNow() < giveUp)
            {
                await Console.Error.WriteLineAsync($"Waiting for the database: {e.Message}");
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }
}
