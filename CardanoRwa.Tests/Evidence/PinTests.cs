using System.Net;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Ipfs;
using CardanoRwa.Tests.DevNet;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Evidence;

[Collection(GraphCollection.Name)]
public sealed class PinTests(GraphFixture graph)
{
    [Fact]
    public async Task Spool_names_files_as_an_independent_importer_does()
    {
        int[] sizes = [1, 262_143, 262_144, 262_145, 262_144 * 174, (262_144 * 174) + 1];
        var folder = Directory.CreateTempSubdirectory("rwa-cid-");
        try
        {
            var files = sizes.Select(size =>
            {
                var bytes = new byte[size];
                new Random(size).NextBytes(bytes);
                var path = Path.Combine(folder.FullName, $"{size}");
                File.WriteAllBytes(path, bytes);
                return path;
            }).ToList();
            var expected = await DevNetOracle.AskAsync(files.Select(f => new { op = "cid", file = f, version = 1, rawLeaves = true }));

            foreach (var (file, answer) in files.Zip(expected))
            {
                await using var content = File.OpenRead(file);
                await using var spool = await EvidenceSpool.ReadAsync(content, null, long.MaxValue, null, CancellationToken.None);
                Assert.Equal((string?)answer["cid"], spool!.Cid);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("Kubo", "Ipfs:KuboUrl", "/api/v0", null)]
    [InlineData("Blockfrost", "Ipfs:BlockfrostUrl", "", "Qm")]
    public async Task Public_documents_and_every_manifest_are_pinned_and_confidential_ones_are_not(string provider, string setting, string root, string? otherName)
    {
        await using var devNet = await DevNetHost.StartAsync();
        await using var node = await FreshNode.CreateAsync(graph, null, (setting, devNet.Url + root), ("Ipfs:Provider", provider), ("Ipfs:BlockfrostProjectId", "devnet"));
        var asset = await node.CreateAssetAsync();
        var open = Documents.Text(600_000);
        await node.UploadAsync(asset.Id, open);
        await node.UploadAsync(asset.Id, Documents.Text(), confidential: true);
        var evidence = await node.ScopedAsync(s => s.GetRequiredService<EvidenceManifest>().RootAsync(asset.Id, CancellationToken.None));

        while (await StepAsync(node, node.Get<PinServices>().Create()!))
        {
        }

        var pins = await node.QueryAsync(db => db.EvidencePins.AsNoTracking().ToListAsync());
        Assert.Equal(3, pins.Count); // the open document, and the manifest at each length
        Assert.All(pins, p => Assert.Equal((PinStatus.Pinned, null), (p.Status, p.Reason)));
        Assert.All(pins, p => Assert.Equal(otherName, p.PinnedAs?[..2]));
        Assert.Contains(pins, p => p.Cid == evidence.ManifestCid && p.ManifestCount == 2);
        Assert.Equal(open, await devNet.Client.GetByteArrayAsync($"/ipfs/gateway/{Named(pins.Single(p => p.ContentId is not null))}"));
        Assert.Contains(evidence.Root, await devNet.Client.GetStringAsync($"/ipfs/gateway/{Named(pins.Single(p => p.ManifestCount == 2))}"), StringComparison.Ordinal);
        Assert.Equal(3, await node.QueryAsync(db => db.Audit.CountAsync(a => a.Event == "evidence.pinned")));

        static string Named(EvidencePin pin) => pin.PinnedAs ?? pin.Cid;
    }

    [Fact]
    public async Task Local_store_keeps_files_under_their_cid_where_there_is_no_ipfs()
    {
        await using var node = await FreshNode.CreateAsync(graph, null, ("Ipfs:Provider", "Local"));
        var bytes = Documents.Text(600_000);
        var item = await node.UploadAsync((await node.CreateAssetAsync()).Id, bytes);

        while (await StepAsync(node, node.Get<PinServices>().Create()!))
        {
        }

        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(node.Folder, "ipfs", item.Content.Cid)));
        Assert.All(await node.QueryAsync(db => db.EvidencePins.AsNoTracking().ToListAsync()), p => Assert.Equal(PinStatus.Pinned, p.Status));
    }

    [Fact]
    public async Task Service_that_is_down_costs_no_upload_and_is_tried_until_it_is_there()
    {
        await using var node = await FreshNode.CreateAsync(graph, null, ("Ipfs:KuboUrl", "http://127.0.0.1:9/api/v0"), ("Ipfs:FirstRetry", "00:00:00.050"), ("Ipfs:LongestRetry", "00:00:00.050"));
        var asset = await node.CreateAssetAsync();
        var item = await node.UploadAsync(asset.Id, Documents.Text());

        Assert.True(await StepAsync(node, node.Get<PinServices>().Create()!));
        Assert.True(await StepAsync(node, node.Get<PinServices>().Create()!));
        var view = await node.ScopedAsync(s => s.GetRequiredService<EvidenceReader>().FindAsync(asset.Id, item.Id, true, CancellationToken.None));
        Assert.Equal("pending", view!.Pin!.Status);
        Assert.Contains("cannot be reached", view.Pin.Reason, StringComparison.Ordinal);

        await using var devNet = await DevNetHost.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(devNet.Url + "/api/v0/") };
        for (var patience = 0; patience < 200 && await PendingAsync() > 0; patience++)
        {
            await Task.Delay(20);
            await StepAsync(node, new KuboPins(http));
        }
        Assert.Equal(0, await PendingAsync());

        Task<int> PendingAsync() => node.QueryAsync(db => db.EvidencePins.CountAsync(p => p.Status != PinStatus.Pinned));
    }

    [Fact]
    public async Task Other_cid_than_the_bytes_have_is_a_failure_that_names_both()
    {
        await using var node = await FreshNode.CreateAsync(graph);
        var item = await node.UploadAsync((await node.CreateAssetAsync()).Id, Documents.Text());

        await StepAsync(node, new LyingPins());
        await StepAsync(node, new LyingPins());

        var pin = await node.QueryAsync(db => db.EvidencePins.AsNoTracking().SingleAsync(p => p.Cid == item.Content.Cid));
        Assert.Equal(PinStatus.Failed, pin.Status);
        Assert.Contains(LyingPins.Answer, pin.Reason, StringComparison.Ordinal);
        Assert.Contains(item.Content.Cid, pin.Reason, StringComparison.Ordinal);
        Assert.Equal(1, await node.QueryAsync(db => db.Audit.CountAsync(a => a.Event == "evidence.pin_failed" && a.SubjectId == pin.Id)));
    }

    [Fact]
    public async Task Damaged_bytes_are_never_pinned()
    {
        await using var devNet = await DevNetHost.StartAsync();
        await using var node = await FreshNode.CreateAsync(graph, null, ("Ipfs:KuboUrl", devNet.Url + "/api/v0"));
        var item = await node.UploadAsync((await node.CreateAssetAsync()).Id, Documents.Text(600_000));
        await File.WriteAllBytesAsync(Path.Combine(node.Folder, item.Content.Key), Documents.Text(600_000));

        await StepAsync(node, node.Get<PinServices>().Create()!);
        await StepAsync(node, node.Get<PinServices>().Create()!);

        var pin = await node.QueryAsync(db => db.EvidencePins.AsNoTracking().SingleAsync(p => p.Cid == item.Content.Cid));
        Assert.Contains("does not have its hash", pin.Reason, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (HttpStatusCode)await devNet.StatusAsync($"/ipfs/gateway/{item.Content.Cid}"));
    }

    [Fact]
    public async Task Check_notes_damage_and_its_mending()
    {
        await using var node = await FreshNode.CreateAsync(graph);
        var bytes = Documents.Text(300_000);
        var item = await node.UploadAsync((await node.CreateAssetAsync()).Id, bytes);
        var path = Path.Combine(node.Folder, item.Content.Key);

        Assert.True(await CheckAsync());
        await File.WriteAllBytesAsync(path, bytes[..^1]);
        Assert.False(await CheckAsync());
        Assert.NotNull((await ContentAsync()).DamagedAt);
        await File.WriteAllBytesAsync(path, bytes);
        Assert.True(await CheckAsync());
        Assert.Null((await ContentAsync()).DamagedAt);
        Assert.Equal(["evidence.damaged", "evidence.restored"], await node.QueryAsync(db => db.Audit.Where(a => a.SubjectId == item.ContentId).OrderBy(a => a.Sequence).Select(a => a.Event!).ToListAsync()));

        async Task<bool> CheckAsync() => await node.Get<EvidenceVault>().CheckAsync(await ContentAsync(), long.MaxValue, CancellationToken.None);
        Task<EvidenceContent> ContentAsync() => node.QueryAsync(db => db.EvidenceContents.AsNoTracking().SingleAsync(c => c.Id == item.ContentId));
    }

    private static Task<bool> StepAsync(FreshNode node, IPinService service) => node.ScopedAsync(s => s.GetRequiredService<PinDesk>().StepAsync(service, CancellationToken.None));

    private sealed class LyingPins : IPinService
    {
        public const string Answer = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
        public string Name => "liar";
        public TreeOptions Tree => TreeOptions.Version1;

        public async Task<string> PinAsync(Stream content, string cid, CancellationToken cancellationToken)
        {
            await content.CopyToAsync(Stream.Null, cancellationToken);
            return Answer;
        }

        public Task UnpinAsync(string pinnedAs, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<Stream?> OpenAsync(string cid, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
