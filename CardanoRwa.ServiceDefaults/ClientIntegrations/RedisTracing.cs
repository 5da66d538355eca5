using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using OpenTelemetry;
using StackExchange.Redis.Profiling;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Spans for Redis commands, under the source name of OpenTelemetry's own instrumentation, which Aspire carries inside and NuGet does not offer.
/// Written when the span around them ends: commands outside any span, or still on their way by then, get none.
/// </summary>
internal sealed class RedisTracing : BaseProcessor<Activity>
{
    public const string SourceName = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly ConditionalWeakTable<Activity, ProfilingSession> sessions = [];

    // The client's own background work may have inherited a span that ended long ago; its commands must not pile up there.
    public ProfilingSession? SessionOfCaller() =>
        Activity.Current is { Recorded: true, IsStopped: false } caller ? sessions.GetValue(caller, static _ => new ProfilingSession()) : null;

    public override void OnEnd(Activity data)
    {
        if (!sessions.TryGetValue(data, out var session))
        {
            return;
        }

        sessions.Remove(data);
        foreach (var command in session.FinishProfiling())
        {
            Write(command, data.Context);
        }
    }

    private static void Write(IProfiledCommand command, ActivityContext parent)
    {
        using var span = Source.StartActivity(command.Command, ActivityKind.Client, parent, startTime: command.CommandCreated);
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }

        span.SetTag("db.system.name", "redis");
        span.SetTag("db.operation.name", command.Command);
        span.SetTag("db.namespace", command.Db);
        var (host, port) = command.EndPoint switch
        {
            DnsEndPoint dns => (dns.Host, dns.Port),
            IPEndPoint ip => (ip.Address.ToString(), ip.Port),
            _ => (null, 0),
        };
        span.SetTag("server.address", host);
        span.SetTag("server.port", host is null ? null : port);
        span.SetEndTime(command.CommandCreated + command.ElapsedTime);
    }
}
