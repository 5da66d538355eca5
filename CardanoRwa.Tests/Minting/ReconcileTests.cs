using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Tests.Evidence;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Minting;

/// <summary>A registry that is older than the chain, or says more than it, and the command that mends it.</summary>
[Collection(ReconcileCollection.Name)]
public sealed class ReconcileTests(ServersFixture graph)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Restored_registry_halts_and_reconcile_brings_back_what_it_missed_and_nothing_is_minted_twice()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = (await lab.AddAssetsAsync(3)).Concat(await lab.AddAssetsAsync(1, new PutToken("cip68", Description: "A share", Decimals: 2), "SHARE")).Concat(await lab.AddAssetsAsync(1, new PutToken("plain"), "PLAIN")).ToList();
        var holder = Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(new PublicKey(new byte[32]).Hash)).ToString();
        var acknowledged = new List<Guid>();
        await using (var worker = lab.StartWorker())
        {
            acknowledged.Add(await lab.MintAsync(assets[0], 10, "before-0"));
            acknowledged.Add(await lab.MintAsync(assets[1], 20, "before-1"));
            await lab.UntilOverAsync(Patience, worker);
        }
        await using var old = await lab.CopyAsync(graph);
        await using (var worker = lab.StartWorker())
        {
            acknowledged.AddRange(await AfterAsync(lab));
            await lab.UntilOverAsync(Patience, worker);
            acknowledged.Add(Id(await lab.RequestAsync(assets[0], OperationKind.Burn, 4, "after-burn")));
            await lab.UntilOverAsync(Patience, worker);
        }
        var missed = (await IdsAsync(lab)).Except(await IdsAsync(old)).Order().ToList();
        Assert.NotEmpty(missed);
        // The backup was so old that one asset had no token, and clients come again before anyone looks.
        await old.ReadAsync(db => db.Database.ExecuteSqlAsync($"DELETE FROM tokens WHERE asset_id = {assets[4]}"));
        Assert.Equal(acknowledged[2], await old.MintAsync(assets[0], 5, "after-0"));
        var fresh = await old.MintAsync(assets[1], 3, "fresh");

        await using var restored = old.StartWorker();
        await UntilHaltedAsync(old, restored);
        await Task.Delay(1_000);
        Assert.Equal(await IdsAsync(old), (await IdsAsync(lab)).Except(missed));
        Assert.Equal(OperationState.Queued, (await old.FindAsync(fresh)).State);

        var (code, output, errors) = await old.RunVerbAsync("chain", "reconcile", "--json");
        Assert.True(code == 2, errors);
        Assert.Equal(missed, Subjects(output, "remaining", "unknown_transaction"));
        Assert.Equal(await IdsAsync(old), (await IdsAsync(lab)).Except(missed));

        (code, output, errors) = await old.RunVerbAsync("chain", "reconcile", "--apply", "--json");
        Assert.True(code == 0, output + errors);
        Assert.Equal(missed, Subjects(output, "applied", "unknown_transaction"));
        Assert.Equal(acknowledged.Skip(2).SkipLast(1), await AfterAsync(old));
        Assert.Equal(acknowledged[^1], Id(await old.RequestAsync(assets[0], OperationKind.Burn, 4, "after-burn")));
        Assert.Equal("idempotency_key_reused", (await old.RequestAsync(assets[0], OperationKind.Mint, 4, "after-burn")).Refusal?.Code);
        await old.UntilOverAsync(Patience, restored);
        await old.AssertExactAsync([.. acknowledged, fresh]);

        var revived = await old.ReadAsync(db => db.Tokens.AsNoTracking().SingleAsync(t => t.AssetId == assets[4]));
        Assert.Equal((9L, true), (revived.Minted, revived.RequiresApproval));
        Assert.Equal(holder, (await old.FindAsync(acknowledged[3])).Recipient);
        var again = await old.RunVerbAsync("chain", "reconcile", "--apply", "--json");
        Assert.True(again.Code == 0, again.Output + again.Errors);
        Assert.Empty(JsonNode.Parse(again.Output)!["applied"]!.AsArray());

        async Task<List<Guid>> AfterAsync(MintLab registry) =>
        [
            await registry.MintAsync(assets[0], 5, "after-0"), await registry.MintAsync(assets[2], 7, "after-1", holder),
            await registry.MintAsync(assets[3], 100, "after-2"), await registry.MintAsync(assets[4], 9, "after-3"),
        ];
    }

    [Fact]
    public async Task Operations_of_an_asset_that_the_backup_lacks_are_named_until_the_asset_is_there_again()
    {
        await using var lab = await MintLab.StartAsync(graph);
        await using var old = await lab.CopyAsync(graph);
        var asset = (await lab.AddAssetsAsync(1))[0];
        Guid lost;
        await using (var worker = lab.StartWorker())
        {
            lost = await lab.MintAsync(asset, 11, "lost");
            await lab.UntilOverAsync(Patience, worker);
        }

        var (code, output, errors) = await old.RunVerbAsync("chain", "reconcile", "--apply", "--json");
        Assert.True(code == 2, output + errors);
        Assert.Equal([lost.ToString()], Subjects(output, "remaining", "operation_unplaced"));

        await old.WriteAsync((services, stamp, _) =>
        {
            services.GetRequiredService<RwaDbContext>().Assets.Add(Asset.Register(new CreateAsset("Found again", 100m), asset, stamp.Today, "{}", stamp.At));
            return Task.FromResult(0);
        });
        (code, output, errors) = await old.RunVerbAsync("chain", "reconcile", "--apply", "--json");
        Assert.True(code == 0, output + errors);
        await using var restored = old.StartWorker();
        await old.UntilOverAsync(Patience, restored);
        await old.AssertExactAsync([lost]);
    }

    [Fact]
    public async Task Documents_that_a_mint_vouches_for_are_brought_back_and_what_nobody_has_is_named()
    {
        await using var lab = await MintLab.StartAsync(graph);
        await using var documents = FreshNode.Over(lab.Database);
        lab.Set("Evidence__Folder", documents.Folder);
        lab.Set("Ipfs__KuboUrl", $"{lab.Chain.Url}/api/v0");
        var assets = await lab.AddAssetsAsync(2);
        await documents.UploadAsync(assets[0], Documents.Text());
        await using var old = await lab.CopyAsync(graph);
        var kept = await documents.UploadAsync(assets[0], Documents.Text(300_000));
        var lost = await documents.UploadAsync(assets[0], Documents.Text());
        await documents.UploadAsync(assets[1], Documents.Text(), confidential: true);
        await using (var worker = lab.StartWorker())
        {
            await lab.MintAsync(assets[0], 5, "open");
            await lab.MintAsync(assets[1], 6, "confidential");
            await lab.UntilOverAsync(Patience, worker);
            for (var waited = Stopwatch.StartNew(); await lab.ReadAsync(db => db.EvidencePins.AnyAsync(p => p.Status != PinStatus.Pinned)); await Task.Delay(100))
            {
                Assert.True(waited.Elapsed < Patience, worker.Output);
            }
        }
        var stored = Path.Combine(documents.Folder, lost.Content.Key);
        File.Delete(stored);
        var (open, confidential) = (await RootAsync(lab, assets[0]), await RootAsync(lab, assets[1]));

        var (code, output, errors) = await old.RunVerbAsync("chain", "reconcile", "--apply", "--json");
        Assert.True(code == 2, output + errors);
        Assert.Equal([open.ManifestCid!], Subjects(output, "applied", "evidence_missing"));
        Assert.Equal([confidential.ManifestCid!], Subjects(output, "remaining", "evidence_unplaced"));
        Assert.Contains("is confidential", output, StringComparison.Ordinal);

        Assert.Equal(open, await RootAsync(old, assets[0]));
        Assert.Equal(0, (await RootAsync(old, assets[1])).Count);
        Assert.True(File.Exists(stored));
        await using var again = FreshNode.Over(old.Database, ("Evidence:Folder", documents.Folder));
        var contents = await old.ReadAsync(db => db.EvidenceContents.AsNoTracking().Where(c => c.Id == kept.ContentId || c.Id == lost.ContentId).ToListAsync());
        Assert.Equal(2, contents.Count);
        foreach (var content in contents)
        {
            Assert.True(await again.Get<EvidenceVault>().CheckAsync(content, long.MaxValue, default));
        }
        (code, output, _) = await old.RunVerbAsync("chain", "reconcile", "--apply", "--json");
        Assert.Equal((2, 0), (code, JsonNode.Parse(output)!["applied"]!.AsArray().Count));

        static Task<EvidenceRoot> RootAsync(MintLab registry, Guid asset) => registry.ReadAsync(db => new EvidenceManifest(db).RootAsync(asset, default));
    }

    [Fact]
    public async Task Confirmed_transaction_that_the_chain_lost_is_sent_again()
    {
        await using var lab = await MintLab.StartAsync(graph, settings: ("Minting__WatchInterval", "00:00:00.500"));
        var asset = (await lab.AddAssetsAsync(1))[0];
        Guid minted;
        await using (var worker = lab.StartWorker())
        {
            minted = await lab.MintAsync(asset, 6, "once");
            await lab.UntilOverAsync(Patience, worker);
        }
        var id = (await IdsAsync(lab)).Single();
        while (await lab.Chain.StatusAsync($"/txs/{id}") == 200)
        {
            await lab.Chain.AdminAsync("rollback", new { blocks = 10, fate = "vanish" });
        }

        var (code, output, errors) = await lab.RunVerbAsync("chain", "reconcile", "--json");
        Assert.True(code == 2, output + errors);
        Assert.Contains(id, Subjects(output, "remaining", "missing_on_chain"));
        Assert.Equal(OperationState.Confirmed, (await lab.FindAsync(minted)).State);
        (code, output, errors) = await lab.RunVerbAsync("chain", "reconcile", "--apply", "--json");
        Assert.True(code == 0, output + errors);
        Assert.Equal(OperationState.Submitted, (await lab.FindAsync(minted)).State);
        await using var again = lab.StartWorker();
        await lab.UntilOverAsync(Patience, again);
        await lab.AssertExactAsync([minted]);
    }

    private static async Task UntilHaltedAsync(MintLab lab, WorkerProcess worker)
    {
        for (var waited = Stopwatch.StartNew(); !await lab.ReadAsync(db => db.Wallet.AnyAsync(w => w.HaltCode == "chain_ahead")); await Task.Delay(100))
        {
            Assert.True(waited.Elapsed < Patience, worker.Output);
        }
    }

    private static Task<List<string>> IdsAsync(MintLab lab) => lab.ReadAsync(db => db.ChainTransactions.AsNoTracking().OrderBy(t => t.Sequence).Select(t => t.Id).ToListAsync());

    private static List<string> Subjects(string report, string list, string code) =>
        [.. JsonNode.Parse(report)![list]!.AsArray().Where(f => (string?)f!["code"] == code).Select(f => (string)f!["subject"]!).Order()];

    private static Guid Id(Core.Result<Core.Writes.WriteResponse> result) => JsonSerializer.Deserialize<Guid>(result.Value!.Body);
}
