using System.Text.Json;
using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Writes;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Minting;

/// <summary>What one worker does with operations of every kind; the chain is the development chain, the registry real.</summary>
[Collection(MintCollection.Name)]
public sealed class MintingTests(ServersFixture graph)
{
    [Fact]
    public async Task Mints_of_every_standard_and_recipient_are_confirmed_and_burns_take_them_back()
    {
        await using var lab = await MintLab.StartAsync(graph);
        await using var worker = lab.StartWorker();
        var image = "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";
        var cip25 = (await lab.AddAssetsAsync(1, prefix: "A"))[0];
        var cip68 = (await lab.AddAssetsAsync(1, new PutToken("cip68", Description: "A share of a warehouse", Decimals: 2), "B"))[0];
        var nft = (await lab.AddAssetsAsync(1, new PutToken("cip68", MaxSupply: 1, Image: image), "C"))[0];
        var plain = (await lab.AddAssetsAsync(1, new PutToken("plain", MaxSupply: 10), "D"))[0];
        var holder = Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(new PublicKey(new byte[32]).Hash)).ToString();

        var acknowledged = new List<Guid>
        {
            await lab.MintAsync(cip25, 7, "1"), await lab.MintAsync(cip25, 3, "2", holder), await lab.MintAsync(cip68, 100, "3"),
            await lab.MintAsync(cip68, 50, "4", holder), await lab.MintAsync(nft, 1, "5"), await lab.MintAsync(plain, 10, "6"),
        };
        Assert.Equal("supply_cap_exceeded", (await lab.RequestAsync(plain, OperationKind.Mint, 1, "7")).Refusal?.Code);
        Assert.Equal("supply_cap_exceeded", (await lab.RequestAsync(nft, OperationKind.Mint, 1, "8")).Refusal?.Code);
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
        acknowledged.Add(Id(await lab.RequestAsync(cip25, OperationKind.Burn, 7, "9")));
        acknowledged.Add(Id(await lab.RequestAsync(cip68, OperationKind.Burn, 60, "10")));
        Assert.Equal("supply_too_small", (await lab.RequestAsync(cip25, OperationKind.Burn, 4, "11")).Refusal?.Code);
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
        acknowledged.Add(Id(await lab.RequestAsync(plain, OperationKind.Burn, 10, "12")));
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
        acknowledged.Add(await lab.MintAsync(plain, 4, "13"));
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);

        await lab.AssertExactAsync(acknowledged);
        Assert.All(await lab.ReadAsync(db => db.Operations.AsNoTracking().ToListAsync()), o => Assert.Equal(OperationState.Confirmed, o.State));
        var reference = (await lab.ReadAsync(db => db.Tokens.SingleAsync(t => t.AssetId == cip68))).Unit();
        var (status, asset) = await lab.Chain.GetAsync($"/assets/{reference.Policy}000643b0{reference.Name.ToString()[8..]}");
        Assert.Equal((200, "1"), (status, (string?)asset?["quantity"]));
    }

    [Fact]
    public async Task Mints_wait_while_the_chain_is_away_and_are_confirmed_each_once_when_it_is_back()
    {
        await using var lab = await MintLab.StartAsync(graph);
        await using var worker = lab.StartWorker();
        var asset = (await lab.AddAssetsAsync(1, prefix: "W"))[0];
        var acknowledged = new List<Guid> { await lab.MintAsync(asset, 1, "before") };
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
        using var trouble = new ChainTrouble(lab);

        await trouble.LeaveAsync();
        for (var i = 0; i < 5; i++)
        {
            acknowledged.Add(await lab.MintAsync(asset, 1, $"away-{i}"));
        }
        // Several turns of the worker; what is asked for again meanwhile is the same operation.
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(acknowledged[1], await lab.MintAsync(asset, 1, "away-0"));
        var waiting = await lab.ReadAsync(db => db.Operations.AsNoTracking().Where(o => acknowledged.Skip(1).Contains(o.Id)).ToListAsync());
        Assert.All(waiting, o => Assert.DoesNotContain(o.State, new[] { OperationState.Failed, OperationState.Confirmed }));
        // Whoever watches learns of it although no look at the chain succeeds.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await worker.MetricAsync("rwa_mint_queue_oldest_seconds") == 0)
        {
            await Task.Delay(200, patience.Token);
        }

        await trouble.CalmAsync();
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
        await lab.AssertExactAsync(acknowledged);
        Assert.All(await lab.ReadAsync(db => db.Operations.AsNoTracking().ToListAsync()), o => Assert.Equal(OperationState.Confirmed, o.State));
    }

    [Fact]
    public async Task Gate_refuses_unapproved_expired_rejected_and_foreign_jurisdictions_and_the_same_key_for_another_request()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = await lab.AddAssetsAsync(5);
        await SetAsync(assets[0], "DELETE FROM compliance_records WHERE asset_id = {0}");
        await SetAsync(assets[1], "UPDATE compliance_records SET valid_until = now() - interval '1 minute' WHERE asset_id = {0}");
        await SetAsync(assets[2], "UPDATE compliance_records SET status = 'rejected' WHERE asset_id = {0}");
        await SetAsync(assets[3], "UPDATE compliance_records SET jurisdiction = 'DE' WHERE asset_id = {0}");

        foreach (var (asset, code) in assets.Zip(["compliance_missing", "compliance_expired", "compliance_rejected", "compliance_jurisdiction"]))
        {
            var refusal = (await lab.RequestAsync(asset, OperationKind.Mint, 1, $"gate-{code}")).Refusal!;
            Assert.Equal((RefusalKind.Conflict, code), (refusal.Kind, refusal.Code));
            Assert.NotEmpty(refusal.Hint);
        }
        var first = await lab.MintAsync(assets[4], 5, "same");
        Assert.Equal(first, await lab.MintAsync(assets[4], 5, "same"));
        Assert.Equal("idempotency_key_reused", (await lab.RequestAsync(assets[4], OperationKind.Mint, 6, "same")).Refusal?.Code);
        Assert.Equal(1, await lab.ReadAsync(db => db.Operations.CountAsync()));

        Task<int> SetAsync(Guid asset, string sql) => lab.ReadAsync(db => db.Database.ExecuteSqlRawAsync(sql, asset));
    }

    [Fact]
    public async Task Approval_that_ends_between_request_and_turn_fails_the_operation_and_returns_its_supply()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = await lab.AddAssetsAsync(2);
        var doomed = await lab.MintAsync(assets[0], 5, "doomed");
        var sound = await lab.MintAsync(assets[1], 5, "sound");
        await lab.ReadAsync(db => db.Database.ExecuteSqlAsync($"UPDATE compliance_records SET valid_until = now() - interval '1 second' WHERE asset_id = {assets[0]}"));

        await using var worker = lab.StartWorker();
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);

        var failed = await lab.FindAsync(doomed);
        Assert.Equal((OperationState.Failed, "compliance_expired"), (failed.State, failed.FailureCode));
        Assert.Equal(OperationState.Confirmed, (await lab.FindAsync(sound)).State);
        Assert.Equal(0, (await lab.ReadAsync(db => db.Tokens.AsNoTracking().SingleAsync(t => t.AssetId == assets[0]))).Minted);
        await lab.AssertExactAsync([doomed, sound]);
    }

    [Fact]
    public async Task Two_of_three_keys_kept_elsewhere_sign_in_any_order_and_hold_nobody_up()
    {
        await using var lab = await MintLab.StartAsync(graph);
        await using var worker = lab.StartWorker();
        using var alice = new SeedPrivateKey([.. Enumerable.Repeat((byte)1, 32)]);
        using var bob = new SeedPrivateKey([.. Enumerable.Repeat((byte)2, 32)]);
        using var mallory = new SeedPrivateKey([.. Enumerable.Repeat((byte)3, 32)]);
        var council = (await lab.AddAssetsAsync(1, new PutToken("plain", Policy: new PolicyInput(["default", alice.PublicKey.Hash.ToString(), bob.PublicKey.Hash.ToString()], 3)), "COUNCIL"))[0];
        var ordinary = (await lab.AddAssetsAsync(1, prefix: "FREE"))[0];

        var waiting = await lab.MintAsync(council, 9, "council");
        await lab.UntilAsync(waiting, o => o.State == OperationState.AwaitingSignatures, null, worker);
        var free = await lab.MintAsync(ordinary, 1, "free");
        await lab.UntilAsync(free, o => o.State == OperationState.Confirmed, null, worker);

        var shown = await DeskAsync(desk => desk.ShowAsync(waiting, CancellationToken.None));
        var transaction = Transaction.Decode(Convert.FromHexString(shown.Value!.TransactionCbor));
        Assert.Equal(new[] { alice, bob }.Select(k => k.PublicKey.Hash.ToString()).Order(), shown.Value.MissingSigners.Order());
        Assert.Equal("witness_not_wanted", (await AddAsync(Sign(mallory, transaction.Id.Bytes))).Refusal?.Code);
        Assert.Equal("witness_wrong", (await AddAsync(Sign(alice, new byte[32]))).Refusal?.Code);
        Assert.Equal("witness_set_malformed", (await AddAsync("a1ff")).Refusal?.Code);
        Assert.False((await AddAsync(Sign(bob, transaction.Id.Bytes))).Value!.Complete);
        Assert.True((await AddAsync(Sign(alice, transaction.Id.Bytes))).Value!.Complete);
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
        await lab.AssertExactAsync([waiting, free]);
        Assert.Equal(9, await lab.OnChainAsync(await lab.ReadAsync(db => db.Tokens.SingleAsync(t => t.AssetId == council))));

        async Task<Result<UnsignedView>> DeskAsync(Func<SignatureDesk, Task<Result<UnsignedView>>> ask)
        {
            await using var scope = lab.Registry.Services.CreateAsyncScope();
            return await ask(scope.ServiceProvider.GetRequiredService<SignatureDesk>());
        }

        Task<Result<UnsignedView>> AddAsync(string witnesses) =>
            lab.WriteAsync((services, stamp, token) => services.GetRequiredService<SignatureDesk>().AddAsync(waiting, new AddWitnesses(witnesses), stamp, token));

        static string Sign(SeedPrivateKey key, ReadOnlySpan<byte> message) =>
            Convert.ToHexStringLower(new WitnessSet { VKeys = [new VKeyWitness(key.PublicKey, key.Sign(message))] }.Encode());
    }

    [Fact]
    public async Task Four_eyes_and_cancellation_keep_an_operation_from_the_chain()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var asset = (await lab.AddAssetsAsync(1, new PutToken("plain", RequiresApproval: true)))[0];
        var (approved, rejected, cancelled) = (await lab.MintAsync(asset, 1, "a"), await lab.MintAsync(asset, 2, "b"), await lab.MintAsync(asset, 4, "c"));

        Assert.Equal("four_eyes", (await DecideAsync(approved, "approved", MintLab.Client)).Refusal?.Code);
        Assert.Equal(OperationState.Queued, (await DecideAsync(approved, "approved", "lab:second")).Value!.State);
        Assert.Equal("not_awaiting_approval", (await DecideAsync(approved, "rejected", "lab:third")).Refusal?.Code);
        Assert.Equal("rejected", (await DecideAsync(rejected, "rejected", "lab:second")).Value!.FailureCode);
        Assert.Equal("cancelled", (await lab.WriteAsync((s, stamp, token) => s.GetRequiredService<MintDesk>().CancelAsync(cancelled, stamp, token))).Value!.FailureCode);
        await using var worker = lab.StartWorker();
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);

        await lab.AssertExactAsync([approved, rejected, cancelled]);
        Assert.Equal(1, (await lab.ReadAsync(db => db.Tokens.AsNoTracking().SingleAsync())).Minted);
        Assert.Equal("too_late", (await lab.WriteAsync((s, stamp, token) => s.GetRequiredService<MintDesk>().CancelAsync(approved, stamp, token))).Refusal?.Code);

        Task<Result<Operation>> DecideAsync(Guid id, string decision, string actor) =>
            lab.WriteAsync((s, stamp, token) => s.GetRequiredService<MintDesk>().DecideAsync(id, new DecideOperation(decision, "looked at"), stamp with { Actor = actor }, token));
    }

    [Fact]
    public async Task Poisoned_operations_fail_alone_and_the_others_are_minted()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = await lab.AddAssetsAsync(3);
        var ended = (await lab.AddAssetsAsync(1, new PutToken("plain", Policy: new PolicyInput(NotAfter: TimeProvider.System.GetUtcNow().AddSeconds(2))), "ENDED"))[0];
        var later = (await lab.AddAssetsAsync(1, new PutToken("plain", Policy: new PolicyInput(NotBefore: TimeProvider.System.GetUtcNow().AddSeconds(12))), "LATER"))[0];
        var acknowledged = new List<Guid>();
        var poison = new List<Guid> { await lab.MintAsync(ended, 1, "ended") };
        for (var i = 0; i < 20; i++)
        {
            acknowledged.Add(await lab.MintAsync(assets[i % 2], 900_000_000_000_000_000 / 10, $"big{i}"));
        }
        var delayed = await lab.MintAsync(later, 2, "later");
        // Metadata that no check let in, as a bug would: the builder cannot use it.
        poison.Add(await lab.MintAsync(assets[2], 1, "broken"));
        await lab.ReadAsync(db => db.Database.ExecuteSqlAsync($$"""UPDATE tokens SET metadata = '{"name": 5}' WHERE asset_id = {{assets[2]}}"""));

        await using var worker = lab.StartWorker();
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);

        await lab.AssertExactAsync([.. acknowledged, .. poison, delayed]);
        foreach (var id in poison)
        {
            Assert.Equal(OperationState.Failed, (await lab.FindAsync(id)).State);
        }
        foreach (var id in acknowledged.Append(delayed))
        {
            Assert.Equal(OperationState.Confirmed, (await lab.FindAsync(id)).State);
        }
    }

    private static Guid Id(Result<WriteResponse> result) => JsonSerializer.Deserialize<Guid>(result.Value!.Body);
}
