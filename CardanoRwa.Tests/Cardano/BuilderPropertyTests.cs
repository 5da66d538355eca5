using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;
using CsCheck;

namespace CardanoRwa.Tests.Cardano;

/// <summary>Random wallets and plans: what the builder makes keeps every ledger rule, and where it makes nothing it says why.</summary>
public class BuilderPropertyTests
{
    private static readonly ProtocolParameters Parameters = ProtocolParameters.Mainnet2025;
    private static readonly SeedPrivateKey[] Keys = [.. Enumerable.Range(1, 5).Select(static i => new SeedPrivateKey([.. Enumerable.Repeat((byte)i, 32)]))];
    private static readonly Address Own = Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(Keys[0].PublicKey.Hash));
    private static readonly ulong Slot = 1_000_000;

    private static readonly NativeScript[] Policies =
    [
        NativeScript.Signature(Keys[1].PublicKey.Hash),
        NativeScript.All(NativeScript.Signature(Keys[1].PublicKey.Hash), NativeScript.Before(Slot + 5000)),
        NativeScript.All(NativeScript.After(Slot - 10), NativeScript.AtLeast(2, NativeScript.Signature(Keys[1].PublicKey.Hash), NativeScript.Signature(Keys[2].PublicKey.Hash), NativeScript.Signature(Keys[3].PublicKey.Hash))),
        NativeScript.Any(NativeScript.Signature(Keys[4].PublicKey.Hash), NativeScript.Before(5)),
    ];

    private static readonly Gen<AssetId> Asset = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 40], static (p, n) => new AssetId(Policies[p].Hash, AssetName.FromText($"token {n}")));

    private static readonly Gen<Utxo> WalletOutput = Gen.Select(Generators.Input, Gen.ULong[1_000_000, 20_000_000], Gen.Select(Asset, Gen.Long[1, 1_000_000]).Array[0, 30], static (input, coin, tokens) =>
    {
        var held = Parameters.WithMinCoin(new TxOut(Own, new Value(0, TokenBundle.From(tokens.Select(static t => new AssetQuantity(t.Item1, t.Item2))))));
        return new Utxo(input, held.WithValue(held.Value with { Coin = held.Value.Coin + coin }));
    });

    private static readonly Gen<MintAction> Mint = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 40], Gen.Long[1, 1000], static (p, n, q) => new MintAction(Policies[p], AssetName.FromText($"token {n}"), q));

    private static readonly Gen<TransactionPlan> Plan = Gen.Select(
        Mint.Array[0, 5],
        Gen.Select(Generators.Hash28, Gen.ULong[1_000_000, 30_000_000]).Array[0, 4],
        Gen.Int[1, 4],
        Gen.Bool,
        Gen.Bool,
        static (mints, payments, parts, network, leftover) => new TransactionPlan
        {
            ChangeAddress = Own,
            Mints = mints,
            Outputs = [.. payments.Select(static p => new TxOut(Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(p.Item1)), Value.OfCoin(p.Item2)))],
            ChangeParts = parts,
            Network = network ? CardanoNetwork.Testnet : null,
            LeftoverToFee = leftover,
            Metadata = mints.Length == 0 ? new Dictionary<ulong, Metadatum>() : new Dictionary<ulong, Metadatum> { [674] = "hello" },
        });

    [Fact]
    public void Random_wallets_and_mints_balance_and_break_no_rule()
    {
        var built = 0;
        Gen.Select(WalletOutput.Array[0, 40], Plan, Gen.Select(Gen.Bool, Gen.Bool, Gen.Int), (wallet, plan, choices) =>
            (wallet.DistinctBy(static u => u.Input).ToArray(), plan, choices)).Sample((wallet, plan, choices) =>
        {
            var builder = new TransactionBuilder(Parameters, new BuilderOptions { Encoding = new TxEncoding(choices.Item1, choices.Item2), ConsolidateAbove = 5 }, new Random(choices.Item3));
            switch (builder.Build(plan, wallet))
            {
                case BuildOutcome.Built(var unsigned):
                    Interlocked.Increment(ref built);
                    Assert.Empty(LedgerRules.Check(Sign(unsigned), wallet.ToDictionary(static u => u.Input, static u => u.Output), Parameters, CardanoNetwork.Testnet, Slot));
                    Assert.True(unsigned.IsComplete(Sign(unsigned).Witnesses));
                    if (!plan.LeftoverToFee) Assert.Equal(Parameters.MinFee(Sign(unsigned).WireSize), unsigned.Fee);
                    break;
                case BuildOutcome.Failed failed:
                    var enough = wallet.Aggregate((Int128)0, static (sum, u) => sum + u.Value.Coin) - plan.Outputs.Aggregate((Int128)0, static (sum, o) => sum + o.Value.Coin);
                    Assert.True(failed.Reason is BuildFailure.InsufficientCoin or BuildFailure.ChangeBelowMinimum && enough < 40_000_000, $"{failed.Reason} with {enough} to spare: {failed.Message}");
                    break;
            }
        }, iter: 400);
        Assert.True(built > 200, $"only {built} built");
    }

    [Fact]
    public void Burns_are_taken_from_the_wallet_and_conserve_value() => Gen.Select(WalletOutput.Array[2, 20], Gen.Int, static (w, seed) => (w.DistinctBy(static u => u.Input).ToArray(), seed)).Sample((wallet, seed) =>
    {
        var held = wallet.Aggregate(Value.Zero, static (sum, u) => sum + u.Value).Tokens;
        if (held.IsEmpty) return;
        var (asset, quantity) = held[Math.Abs(seed % held.Count)];
        var policy = Policies.Single(p => p.Hash == asset.Policy);
        var plan = new TransactionPlan { ChangeAddress = Own, Mints = [new MintAction(policy, asset.Name, -(long)quantity)], LeftoverToFee = true };
        var outcome = new TransactionBuilder(Parameters, random: new Random(seed)).Build(plan, wallet);
        var unsigned = outcome.Unwrap();
        Assert.Empty(LedgerRules.Check(Sign(unsigned), wallet.ToDictionary(static u => u.Input, static u => u.Output), Parameters, CardanoNetwork.Testnet, Slot));
        Assert.Equal((Int128)0, unsigned.Change.Aggregate(Value.Zero, static (sum, u) => sum + u.Value).Tokens.QuantityOf(asset));
    }, iter: 150);

    [Fact]
    public void No_byte_of_a_signed_transaction_can_be_changed_unnoticed() => Gen.Select(WalletOutput.Array[1, 4], Mint.Array[1, 3], Gen.Int[0, int.MaxValue], Gen.Int[1, 255]).Sample(static (wallet, mints, place, change) =>
    {
        var funds = new Utxo(new TxIn(default, 0), new TxOut(Own, Value.OfCoin(100_000_000)));
        var plan = new TransactionPlan { ChangeAddress = Own, Mints = mints, Inputs = wallet.DistinctBy(static u => u.Input).ToArray(), Metadata = new Dictionary<ulong, Metadatum> { [674] = "hello" } };
        var signed = Sign(new TransactionBuilder(Parameters).Build(plan, [funds]).Unwrap());
        var bytes = signed.Bytes.ToArray();
        bytes[place % bytes.Length] ^= (byte)change;
        if (!Transaction.TryDecode(bytes, out var changed, out _)) return;
        var ledger = wallet.Append(funds).DistinctBy(static u => u.Input).ToDictionary(static u => u.Input, static u => u.Output);
        Assert.NotEmpty(LedgerRules.Check(changed, ledger, Parameters, CardanoNetwork.Testnet, Slot));
    }, iter: 1500);

    [Fact]
    public void Batches_chain_on_unconfirmed_change_until_all_is_minted()
    {
        var wallet = new[] { new Utxo(new TxIn(default, 0), new TxOut(Own, Value.OfCoin(5_000_000_000))) };
        var orders = Enumerable.Range(0, 500).Select(static i => new MintOrder(
            Policies[i % 2],
            AssetName.FromText($"Certificate {i}"),
            1,
            Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(Generators.Policy(i % 200))),
            Cip25.Details($"Certificate {i}", "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"))).ToArray();
        var builder = new TransactionBuilder(Parameters, random: new Random(7));

        var result = BatchBuilder.Pack(builder, orders, some => MintOrder.Combine(some, new TransactionPlan { ChangeAddress = Own }, Parameters), new UtxoPool(wallet));

        var ledger = wallet.ToDictionary(static u => u.Input, static u => u.Output);
        foreach (var (_, unsigned) in result.Batches)
        {
            var signed = Sign(unsigned);
            Assert.Empty(LedgerRules.Check(signed, ledger, Parameters, CardanoNetwork.Testnet, Slot));
            foreach (var input in signed.Body.Inputs) ledger.Remove(input);
            foreach (var (i, output) in signed.Body.Outputs.Index()) ledger.Add(new TxIn(signed.Id, (ushort)i), output);
        }

        Assert.Empty(result.Rejected);
        Assert.Equal(orders, result.Batches.SelectMany(static b => b.Orders));
        Assert.All(result.Batches.SkipLast(1), static b => Assert.True(b.Transaction.ToTransaction().WireSize > 13_000, $"{b.Orders.Count} orders, {b.Transaction.ToTransaction().WireSize} bytes"));
    }

    private static Transaction Sign(UnsignedTransaction unsigned) => unsigned.Sign([.. Keys.Where(k => unsigned.Signers.Contains(k.PublicKey.Hash))]);
}
