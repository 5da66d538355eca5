using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Webhooks;
using CardanoRwa.Core.Writes;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Webhooks;

[Collection(GraphCollection.Name)]
public sealed class DeliveryTests(GraphFixture graph)
{
    private static readonly (string, string)[] Fast = [("Webhooks:AllowPrivateTargets", "true"), ("Webhooks:FirstRetry", "00:00:00.020"), ("Webhooks:LongestRetry", "00:00:00.040"), ("Webhooks:Timeout", "00:00:01")];

    [Fact]
    public async Task Change_arrives_signed_once_and_only_where_it_is_asked_for()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var node = await FreshNode.CreateAsync(graph, null, Fast);
        await node.CreateAssetAsync(); // before anyone asked: not told
        var (_, secret) = await SubscribeAsync(node, receiver.Url + "/all", "*");
        await SubscribeAsync(node, receiver.Url + "/values", "valuation.*");

        var asset = await node.CreateAssetAsync();
        await RunAsync(node);

        Assert.Equal(["asset.created", "valuation.created"], receiver.All.Where(h => h.Path == "/all").Select(h => h.EventType).Order());
        Assert.Equal(["valuation.created"], receiver.All.Where(h => h.Path == "/values").Select(h => h.EventType));
        var heard = receiver.All.Single(h => h.Path == "/all" && h.EventType == "asset.created");
        Assert.True(WebhookSignature.Verify(heard.Signature, secret, heard.Body, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5)));
        Assert.False(WebhookSignature.Verify(heard.Signature, secret, heard.Body + " ", TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5)));
        Assert.False(WebhookSignature.Verify(heard.Signature, secret, heard.Body, TimeProvider.System.GetUtcNow().AddMinutes(6), TimeSpan.FromMinutes(5)));
        Assert.False(WebhookSignature.Verify(heard.Signature, "whsec_other", heard.Body, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5)));
        var body = JsonElement.Parse(heard.Body);
        Assert.Equal((heard.EventId.ToString(), asset.Id.ToString(), asset.Id.ToString()), (body.Text("id"), body.Text("assetId"), body.Text("subjectId")));
        Assert.Equal(asset.CreatedAt, DateTimeOffset.Parse(body.Text("at"), CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Refused_change_is_not_told_and_a_late_commit_is()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var node = await FreshNode.CreateAsync(graph, null, Fast);
        await SubscribeAsync(node, receiver.Url, "asset.created");

        // An older transaction is still open while a younger one commits: neither may be skipped, nor told before its commit.
        await using var slow = Registry.Context(node.Database);
        await using var open = await slow.Database.BeginTransactionAsync();
        var slowStamp = ChangeStamp.Create("slow", TimeProvider.System);
        var slowAsset = new AssetRegistry(slow).Create(new CreateAsset("slow", 1), slowStamp).Value!;
        await slow.SaveAsync(slowStamp, CancellationToken.None);
        await using (var undone = Registry.Context(node.Database))
        await using (var rollback = await undone.Database.BeginTransactionAsync())
        {
            var stamp = ChangeStamp.Create("undone", TimeProvider.System);
            new AssetRegistry(undone).Create(new CreateAsset("undone", 1), stamp);
            await undone.SaveAsync(stamp, CancellationToken.None);
            await rollback.RollbackAsync();
        }
        var quick = await node.CreateAssetAsync();
        await RunAsync(node);
        Assert.DoesNotContain(receiver.All, h => h.Body.Contains(slowAsset.Id.ToString(), StringComparison.Ordinal));

        await open.CommitAsync();
        await UntilAsync(node, () => receiver.All.Count >= 2);
        await RunAsync(node);

        Assert.Equal(new[] { quick.Id.ToString(), slowAsset.Id.ToString() }.Order(), receiver.All.Select(h => JsonElement.Parse(h.Body).Text("subjectId")).Order());
    }

    [Fact]
    public async Task Failing_receiver_hears_the_same_event_again_until_it_takes_it()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = receiver.All.Count < 4 ? 500 : 204;
            return Task.CompletedTask;
        };
        await using var node = await FreshNode.CreateAsync(graph, null, Fast);
        await SubscribeAsync(node, receiver.Url, "asset.created");
        await node.CreateAssetAsync();

        await UntilAsync(node, () => receiver.All.Count >= 4);
        await RunAsync(node);

        Assert.Equal(4, receiver.All.Count);
        Assert.Single(receiver.All.Select(h => (h.EventId, h.Body)).Distinct());
        Assert.Equal(DeliveryStatus.Delivered, (await DeliveriesAsync(node)).Single().Status);
    }

    [Fact]
    public async Task Events_of_one_subject_arrive_in_order_although_the_first_fails_at_first()
    {
        await using var receiver = await Receiver.StartAsync();
        var failures = 3;
        receiver.Answer = (context, heard) =>
        {
            if (heard.EventType == "asset.created" && Interlocked.Decrement(ref failures) >= 0)
            {
                context.Response.StatusCode = 503;
            }
            return Task.CompletedTask;
        };
        await using var node = await FreshNode.CreateAsync(graph, null, Fast);
        await SubscribeAsync(node, receiver.Url, "asset.*");
        var asset = await node.CreateAssetAsync();
        await node.WriteAsync((s, stamp, token) => s.GetRequiredService<AssetRegistry>().RetireAsync(asset.Id, "sold", stamp, token));

        await UntilAsync(node, () => receiver.All.Any(h => h.EventType == "asset.retired"));

        Assert.Equal(["asset.created", "asset.created", "asset.created", "asset.created", "asset.retired"], receiver.All.Select(h => h.EventType));
    }

    [Fact]
    public async Task Receiver_that_hangs_redirects_or_never_ends_fails_and_holds_no_other()
    {
        await using var good = await Receiver.StartAsync();
        await using var bad = await Receiver.StartAsync();
        bad.Answer = async (context, heard) =>
        {
            switch (heard.Path)
            {
                case "/hang":
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                case "/redirect":
                    context.Response.Redirect(good.Url + "/redirected");
                    context.Response.StatusCode = 307;
                    break;
                default:
                    // Headers, then a body for ever: only the first of it is read.
                    var junk = new byte[64 * 1024];
                    while (!context.RequestAborted.IsCancellationRequested)
                    {
                        await context.Response.Body.WriteAsync(junk, CancellationToken.None);
                    }
                    break;
            }
        };
        await using var node = await FreshNode.CreateAsync(graph, null, [.. Fast, ("Webhooks:MostAttempts", "1")]);
        foreach (var path in new[] { "/hang", "/redirect", "/endless" })
        {
            await SubscribeAsync(node, bad.Url + path, "asset.created");
        }
        await SubscribeAsync(node, good.Url + "/good", "asset.created");
        await node.CreateAssetAsync();
        var outbox = node.Get<WebhookOutbox>();
        await FeedAsync(node);

        var loops = (await outbox.DueAsync(CancellationToken.None)).Select(id => outbox.DeliverAsync(id, CancellationToken.None)).ToList();
        await Task.WhenAll(loops);

        Assert.Equal("/good", Assert.Single(good.All).Path);
        var outcomes = (await DeliveriesAsync(node)).Select(d => (d.Status, d.LastError)).Order().ToList();
        Assert.Equal(
            [
                (DeliveryStatus.Delivered, null), (DeliveryStatus.Delivered, null), // the endless one answered 200, and no more of it was read
                (DeliveryStatus.Dead, "the receiver did not answer within 1 s"), (DeliveryStatus.Dead, "the receiver redirects, which is not followed"),
            ],
            outcomes);
    }

    [Fact]
    public async Task Dead_letter_is_kept_and_delivered_when_told_to()
    {
        await using var receiver = await Receiver.StartAsync();
        var answers = 500;
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = answers;
            return Task.CompletedTask;
        };
        await using var node = await FreshNode.CreateAsync(graph, null, [.. Fast, ("Webhooks:MostAttempts", "3")]);
        await SubscribeAsync(node, receiver.Url, "asset.created");
        await node.CreateAssetAsync();
        await UntilAsync(node, async () => (await DeliveriesAsync(node)).Any(d => d.Status == DeliveryStatus.Dead));
        var dead = (await DeliveriesAsync(node)).Single();
        Assert.Equal((3, 500, "the receiver answered 500"), (dead.Attempts, dead.LastStatus, dead.LastError));

        answers = 200;
        await RunAsync(node);
        Assert.Equal(3, receiver.All.Count);
        await node.WriteAsync((s, stamp, token) => s.GetRequiredService<WebhookDesk>().RedeliverAsync(dead.Id, stamp, token));
        await RunAsync(node);

        Assert.Equal(4, receiver.All.Count);
        Assert.Equal(DeliveryStatus.Delivered, (await DeliveriesAsync(node)).Single().Status);
    }

    [Fact]
    public async Task Several_workers_deliver_each_event_once()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var node = await FreshNode.CreateAsync(graph, null, Fast);
        await using var twin = node.Twin(Fast);
        await SubscribeAsync(node, receiver.Url, "asset.created");
        for (var i = 0; i < 40; i++)
        {
            await node.CreateAssetAsync();
        }

        await Task.WhenAll(RunAsync(node), RunAsync(twin), RunAsync(node), RunAsync(twin));
        await RunAsync(node);

        Assert.Equal(40, receiver.All.Count);
        Assert.Equal(40, receiver.All.Select(h => h.EventId).Distinct().Count());
    }

    [Fact]
    public async Task Rotated_secret_signs_at_once_and_the_old_one_beside_it_for_a_while()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var node = await FreshNode.CreateAsync(graph, null, [.. Fast, ("Webhooks:RotationOverlap", "00:10:00")]);
        await using var later = node.Twin([.. Fast, ("Webhooks:RotationOverlap", "00:00:00")]);
        var (webhook, old) = await SubscribeAsync(node, receiver.Url, "asset.created");

        await node.WriteAsync((s, stamp, token) => s.GetRequiredService<WebhookDesk>().RotateAsync(webhook.Id, "whsec_second", stamp, token));
        await node.CreateAssetAsync();
        await RunAsync(node);
        await later.WriteAsync((s, stamp, token) => s.GetRequiredService<WebhookDesk>().RotateAsync(webhook.Id, "whsec_third", stamp, token));
        await node.CreateAssetAsync();
        await RunAsync(node);

        Assert.Equal([true, true, false], Signers(receiver.All[0], old));
        Assert.Equal([false, false, true], Signers(receiver.All[1], old));

        static IEnumerable<bool> Signers(Heard heard, string old) =>
            new[] { old, "whsec_second", "whsec_third" }.Select(s => WebhookSignature.Verify(heard.Signature, s, heard.Body, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task Private_address_is_refused_at_the_connection_and_the_secret_lies_sealed()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var node = await FreshNode.CreateAsync(graph, null, [.. Fast, ("Webhooks:AllowPrivateTargets", "false"), ("Webhooks:MostAttempts", "1")]);
        var (_, secret) = await SubscribeAsync(node, receiver.Url, "asset.created"); // as if registered before the rule
        await node.CreateAssetAsync();
        await RunAsync(node);

        Assert.Empty(receiver.All);
        Assert.Equal("the host's address is private, loopback or link-local", (await DeliveriesAsync(node)).Single().LastError);
        Assert.Equal(0, await node.QueryAsync(db => db.Database.SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM webhooks w WHERE position({System.Text.Encoding.UTF8.GetBytes(secret)} IN w.secret) > 0").SingleAsync()));
    }

    [Fact]
    public async Task Import_is_told_too()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var node = await FreshNode.CreateAsync(graph, null, Fast);
        await SubscribeAsync(node, receiver.Url, "asset.created");
        var mapping = Core.Imports.ImportMapping.Parse([]).Value!;
        await node.ScopedAsync(async s =>
        {
            var importer = s.GetRequiredService<Core.Imports.AssetImporter>();
            var run = await importer.StartAsync("test", CancellationToken.None);
            await importer.RunAsync(run, Core.Imports.ImportReaders.Csv(new MemoryStream("externalId,name,value\n1,a,1\n2,b,2\n"u8.ToArray()), CancellationToken.None), mapping, (_, _) => Task.CompletedTask, CancellationToken.None);
            return run;
        });
        await RunAsync(node);

        Assert.Equal(2, receiver.All.Count);
    }

    private static async Task<(Webhook Webhook, string Secret)> SubscribeAsync(FreshNode node, string url, params string[] events)
    {
        var secret = WebhookDesk.NewSecret();
        return (await node.WriteAsync((s, stamp, token) => s.GetRequiredService<WebhookDesk>().CreateAsync(new CreateWebhook(url, events), secret, stamp, token)), secret);
    }

    private static async Task FeedAsync(FreshNode node)
    {
        while (await node.ScopedAsync(s => s.GetRequiredService<WebhookFeed>().StepAsync(CancellationToken.None)))
        {
        }
    }

    /// <summary>What a worker does in one turn, until nothing is due.</summary>
    private static async Task RunAsync(FreshNode node)
    {
        await FeedAsync(node);
        var outbox = node.Get<WebhookOutbox>();
        while (await outbox.DueAsync(CancellationToken.None) is { Count: > 0 } due)
        {
            if (!(await Task.WhenAll(due.Select(id => outbox.DeliverAsync(id, CancellationToken.None)))).Any(taken => taken))
            {
                return;
            }
        }
    }

    private static Task UntilAsync(FreshNode node, Func<bool> condition) => UntilAsync(node, () => Task.FromResult(condition()));

    private static async Task UntilAsync(FreshNode node, Func<Task<bool>> condition)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(20), "The condition was not met in time.");
            await RunAsync(node);
            await Task.Delay(10);
        }
    }

    private static Task<List<WebhookDelivery>> DeliveriesAsync(FreshNode node) => node.QueryAsync(db => db.WebhookDeliveries.AsNoTracking().ToListAsync());
}
