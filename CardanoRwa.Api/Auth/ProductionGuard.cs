using CardanoRwa.Core.Auth;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Api.Auth;

/// <summary>Outside of Development the Api stops if nobody could be told apart: no authority and no stored key.</summary>
internal sealed partial class ProductionGuard(
    IHostEnvironment environment, IOptions<AuthOptions> options, SchemaState schema, IServiceScopeFactory scopes,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<ProductionGuard> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (environment.IsDevelopment() || options.Value.Authority is not null)
        {
            return;
        }
        while (!await HasKeysAsync(stoppingToken))
        {
            await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
        }
    }

    /// <returns>False while the database cannot be asked; until then the Api answers 503.</returns>
    private async Task<bool> HasKeysAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await schema.CheckAsync(cancellationToken))
            {
                return false;
            }
            await using var scope = scopes.CreateAsyncScope();
            if (!await scope.ServiceProvider.GetRequiredService<ApiKeyStore>().AnyUsableAsync(cancellationToken))
            {
                LogUnprotected(logger);
                Environment.ExitCode = 78; // EX_CONFIG
                lifetime.StopApplication();
            }
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or RetryLimitExceededException or InvalidOperationException or TimeoutException)
        {
            return false;
        }
    }

    [LoggerMessage(950, LogLevel.Critical, "Nobody could sign in: set Auth:Authority, or store a key with 'CardanoRwa.Worker apikey create --name NAME --role admin'. Stopping.")]
    private static partial void LogUnprotected(ILogger logger);
}
