using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CardanoRwa.Core.Data;

/// <summary>
/// Goes at the start of the process through what a failover of the pair will ask of it: a session that ends from the server's side in the middle of a
/// change, and a search among servers of which one refuses and the other is not what is sought. The first real one then meets code that is compiled.
/// </summary>
public sealed partial class FailoverRehearsal(string pair, IServiceScopeFactory scopes, SchemaState schema, TimeProvider clock, ILogger<FailoverRehearsal> logger) : BackgroundService
{
    private const int Times = 3;
    private const int MostTries = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            try
            {
                if (await schema.CheckAsync(stoppingToken))
                {
                    LogBegins(logger);
                    var began = clock.GetTimestamp();
                    for (var i = 0; i < Times; i++)
                    {
                        await using var scope = scopes.CreateAsyncScope();
                        await RehearseAsync(scope.ServiceProvider.GetRequiredService<RwaDbContext>(), stoppingToken);
                    }
                    LogDone(logger, clock.GetElapsedTime(began).TotalSeconds);
                    return;
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested && e is NpgsqlException or RetryLimitExceededException or TimeoutException or InvalidOperationException)
            {
                // A database that is away at the start; a real failover rehearses as well.
                LogInterrupted(logger, e.GetBaseException().Message);
            }
            await Task.Delay(Pause, clock, stoppingToken);
        }
    }

    private async Task RehearseAsync(RwaDbContext db, CancellationToken cancellationToken)
    {
        var (ended, primary) = (false, "");
        await db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            var connection = (NpgsqlConnection)db.Database.GetDbConnection();
            primary = $"{connection.Host}:{connection.Port}";
            if (!ended)
            {
                ended = true;
                await db.Database.ExecuteSqlAsync($"SELECT pg_terminate_backend(pg_backend_pid())", token);
            }
            await transaction.CommitAsync(token);
        }, cancellationToken);
        await using var search = PrimarySource.Build(new NpgsqlConnectionStringBuilder(pair) { Host = $"127.0.0.1:1,{primary}" }.ConnectionString, null);
        try
        {
            await using var found = await search.WithTargetSession(TargetSessionAttributes.Standby).OpenConnectionAsync(cancellationToken);
        }
        catch (NpgsqlException)
        {
            // As it must be.
        }
    }

    [LoggerMessage(1830, LogLevel.Information, "Rehearses a failover: sessions of this process that are ended now are meant to be.")]
    private static partial void LogBegins(ILogger logger);

    [LoggerMessage(1832, LogLevel.Information, "Rehearsed a failover in {Seconds:0.00} s.")]
    private static partial void LogDone(ILogger logger, double seconds);

    [LoggerMessage(1831, LogLevel.Warning, "The rehearsal of a failover was interrupted: {Reason}")]
    private static partial void LogInterrupted(ILogger logger, string reason);
}
