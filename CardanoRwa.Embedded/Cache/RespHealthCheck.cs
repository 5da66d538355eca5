using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CardanoRwa.Embedded.Cache;

/// <summary>AUTH and PING in RESP over a connection of its own.</summary>
internal sealed class RespHealthCheck(RedisResource redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!redis.PrimaryEndpoint.IsAllocated)
            return HealthCheckResult.Unhealthy("The endpoint has no port yet.");

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(redis.PrimaryEndpoint.Host, redis.PrimaryEndpoint.Port, cancellationToken);
            using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII);

            if (redis.PasswordParameter is { } password)
                await stream.WriteAsync(Command("AUTH", (await password.GetValueAsync(cancellationToken))!), cancellationToken);
            await stream.WriteAsync(Command("PING"), cancellationToken);

            for (var answer = await reader.ReadLineAsync(cancellationToken); answer is not null; answer = await reader.ReadLineAsync(cancellationToken))
            {
                if (answer == "+PONG")
                    return HealthCheckResult.Healthy();
                if (answer.StartsWith('-'))
                    return HealthCheckResult.Unhealthy(answer[1..]);
            }

            return HealthCheckResult.Unhealthy("The connection was closed before PONG.");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }

    private static byte[] Command(params string[] parts) =>
        Encoding.UTF8.GetBytes($"*{parts.Length}\r\n" + string.Concat(parts.Select(p => $"${Encoding.UTF8.GetByteCount(p)}\r\n{p}\r\n")));
}
