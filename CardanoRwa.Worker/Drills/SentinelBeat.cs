using CardanoRwa.Core.Data;
using CardanoRwa.Recovery.Drills;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Worker.Drills;

/// <summary>Commits a row every second while the database is backed up: what of them a restored copy lacks is what the loss costs.</summary>
internal sealed partial class SentinelBeat(SchemaState schema, IConfiguration configuration, IOptions<DrillOptions> options, TimeProvider clock, ILogger<SentinelBeat> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private const int PruneEvery = 300;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await schema.CheckAsync(stoppingToken))
                {
                    await BeatAsync(stoppingToken);
                }
            }
            catch (Exception e) when (e is NpgsqlException or RetryLimitExceededException or TimeoutException or InvalidOperationException { InnerException: NpgsqlException })
            {
                LogInterrupted(logger, e.GetBaseException().Message);
            }
            await Task.Delay(Pause, clock, stoppingToken);
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(configuration.GetConnectionString("rwadb")) { Pooling = false, Timeout = 5, CommandTimeout = 30, ApplicationName = "sentinels" };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        for (var beat = 0; ; beat++)
        {
            if (beat % PruneEvery == 0)
            {
                await Sentinels.PruneAsync(connection, cancellationToken);
            }
            await Sentinels.CommitAsync(connection, cancellationToken);
            await Task.Delay(options.Value.SentinelInterval, clock, cancellationToken);
        }
    }

    [LoggerMessage(5020, LogLevel.Warning, "Sentinels are interrupted: {Reason}")]
    private static partial void LogInterrupted(ILogger logger, string reason);
}
