// The spans that Aspire's own package writes come ten seconds later and with other tags; these are ours.
#if !USE_ASPIRE
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace CardanoRwa.Tests.ServiceDefaults;

[Collection(RecordedSpans.Collection)]
public class RedisTracingTests
{
    [Fact]
    public async Task Commands_are_traced_below_the_span_around_them()
    {
        using var feature = new ActivitySource("CardanoRwa.RedisTracingTests");
        RecordedSpans? recorded = null;
        await using var redis = new ToyRedis();
        await using var host = await ServiceHost.StartAsync(
            builder =>
            {
                builder.AddRedisClient("cache");
                recorded = RecordedSpans.On(builder);
            },
            settings: [("ConnectionStrings:cache", redis.ConnectionString), RecordedSpans.AlwaysSampled]);
        var database = host.App.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

        var before = DateTimeOffset.UnixEpoch;
        using (var around = feature.StartActivity("around")!)
        {
            before = around.StartTimeUtc;
            await Task.WhenAll(database.PingAsync(), database.StringGetAsync("key"));
        }

        await database.PingAsync();

        var parent = Assert.Single(recorded!.All, span => span.OperationName == "around");
        var commands = recorded.All.Where(span => span.TraceId == parent.TraceId && span != parent).ToList();
        Assert.Equal(["GET", "PING"], commands.Select(span => span.GetTagItem("db.operation.name")).Order());
        Assert.All(commands, span =>
        {
            Assert.Equal(parent.SpanId, span.ParentSpanId);
            Assert.Equal("redis", span.GetTagItem("db.system.name"));
            Assert.InRange(span.StartTimeUtc, before.UtcDateTime.AddMilliseconds(-20), parent.StartTimeUtc + parent.Duration);
        });
        Assert.Null(Activity.Current);
    }
}
#endif
