using System.Text.Json.Nodes;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Tests.Graph;
using CardanoRwa.Tests.Minting;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Snapshots of a small chain and its registry, through the command line.</summary>
[Collection(ReconcileCollection.Name)]
public sealed class ChainSnapshotTests(ServersFixture graph)
{
    [Fact]
    public async Task Snapshot_lies_sealed_in_the_stores_and_on_ipfs_and_any_change_of_its_file_is_found()
    {
        var folder = ThrowAwayCluster.NewFolder();
        try
        {
            await using var lab = await MintLab.StartAsync(graph, settings:
            [
                ("Recovery__Stores__one__Kind", "folder"), ("Recovery__Stores__one__Path", $"{folder}/one"), ("Recovery__Stores__one__Create", "true"),
                ("Recovery__Stores__two__Kind", "folder"), ("Recovery__Stores__two__Path", $"{folder}/two"), ("Recovery__Stores__two__Create", "true"),
                ("Recovery__IdentityFile", $"{folder}/development-identity"),
            ]);
            lab.Set("Ipfs__KuboUrl", $"{lab.Chain.Url}/api/v0");
            var asset = (await lab.AddAssetsAsync(1))[0];
            await using (var worker = lab.StartWorker())
            {
                await lab.MintAsync(asset, 7, "one");
                await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
            }
            var first = await TakeAsync(lab);
            Assert.Equal((1, 1, 1), ((int)first["summary"]!["policies"]!, (int)first["summary"]!["units"]!, (int)first["summary"]!["holders"]!));
            Assert.True((int)first["summary"]!["transactions"]! >= 1);
            Assert.Equal((string)first["cid"]!, (string)first["pinnedAs"]!);
            await using (var worker = lab.StartWorker())
            {
                await lab.MintAsync(asset, 5, "two");
                await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
            }
            var second = await TakeAsync(lab, "--anchor");
            var (a, b, root) = ((string)first["id"]!, (string)second["id"]!, (string)second["summary"]!["root"]!);

            var diff = await lab.RunVerbAsync("chain", "snapshot", "diff", a, b);
            Assert.True(diff.Code == 0, diff.Errors);
            Assert.Contains("- {\"type\":\"unit\"", diff.Output, StringComparison.Ordinal);
            Assert.Contains("\"supply\":\"12\"", diff.Output, StringComparison.Ordinal);

            var shown = await lab.RunVerbAsync("chain", "snapshot", "show", b);
            var file = Path.Combine(folder, "lines.jsonl");
            await File.WriteAllTextAsync(file, shown.Output);
            Assert.Equal(0, (await lab.RunVerbAsync("chain", "snapshot", "verify", file, "--root", root)).Code);
            Assert.Equal(0, (await lab.RunVerbAsync("chain", "snapshot", "verify", b)).Code);
            await File.WriteAllTextAsync(file, shown.Output.Replace("\"supply\":\"12\"", "\"supply\":\"13\"", StringComparison.Ordinal));
            Assert.Equal(3, (await lab.RunVerbAsync("chain", "snapshot", "verify", file)).Code);
            await File.WriteAllTextAsync(file, shown.Output[..^200]);
            Assert.Equal(3, (await lab.RunVerbAsync("chain", "snapshot", "verify", file)).Code);

            // The worker dies once its transaction is sent, and carries the root to the chain once all the same.
            await using (var worker = lab.StartWorker(CrashPoint.AfterSubmit))
            {
                await lab.UntilAsync(t => t.Operations == 0 && t.Stage == TransactionStage.Confirmed);
                Assert.True(worker.Deaths > 0);
            }
            var anchor = await lab.ReadAsync(db => db.ChainAnchors.AsNoTracking().SingleAsync());
            Assert.Equal((b, root), (anchor.SnapshotId, anchor.Root));
            Assert.Equal(anchor.TransactionId, await lab.ReadAsync(db => db.ChainTransactions.Where(t => t.Operations == 0).Select(t => t.Id).SingleAsync()));
            string[] ask = ["--anchor", anchor.TransactionId!, "--provider", $"{lab.Chain.Url}/api/v0"];
            var anchored = await lab.RunVerbAsync(["chain", "snapshot", "verify", b, .. ask]);
            Assert.True(anchored.Code == 0, anchored.Output + anchored.Errors);
            Assert.Contains("On the chain: ", anchored.Output, StringComparison.Ordinal);
            Assert.Equal(3, (await lab.RunVerbAsync(["chain", "snapshot", "verify", a, .. ask])).Code);
            Assert.Equal(1, (await lab.RunVerbAsync("chain", "snapshot", "verify", b, "--anchor", anchor.TransactionId!)).Code);

            // What lies in the open says nothing of the registry's contents.
            var stored = Path.Combine($"{folder}/one", (string)second["object"]!);
            var bytes = await File.ReadAllBytesAsync(stored);
            Assert.Equal(-1, bytes.AsSpan().IndexOf("Asset 0"u8));
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(stored, bytes);
            var damaged = await lab.RunVerbAsync("chain", "snapshot", "verify", b);
            Assert.Equal(3, damaged.Code);
            Assert.Contains("two: ", damaged.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<JsonNode> TakeAsync(MintLab lab, params string[] more)
    {
        var (code, output, errors) = await lab.RunVerbAsync(["chain", "snapshot", "now", "--json", .. more]);
        Assert.True(code == 0, output + errors);
        return JsonNode.Parse(output)!;
    }
}
