using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Tests.Cardano;

public class BuilderTests
{
    private static readonly ProtocolParameters Parameters = ProtocolParameters.Mainnet2025;
    private static readonly SeedPrivateKey[] Keys = [.. Enumerable.Range(1, 6).Select(static i => new SeedPrivateKey([.. Enumerable.Repeat((byte)i, 32)]))];
    private static readonly Address Own = Enterprise(0);
    private static readonly NativeScript Council = NativeScript.AtLeast(2, Signature(1), Signature(2), Signature(3));
    private static readonly TransactionBuilder Builder = new(Parameters, random: new Random(1));

    [Fact]
    public void Council_of_two_of_three_signs_offline_and_apart()
    {
        var plan = new TransactionPlan { ChangeAddress = Own, Mints = [new MintAction(Council, AssetName.FromText("deed"), 1)], ScriptSigners = [Hash(1), Hash(3)] };
        var unsigned = Builder.Build(plan, [Ada(10_000_000)]).Unwrap();

        // Each signer gets the bytes alone and gives back a witness set, as a CIP-30 wallet does.
        var sent = unsigned.ToTransaction().Bytes.ToArray();
        byte[] Part(int key)
        {
            var received = Transaction.Decode(sent);
            return new WitnessSet { VKeys = [new VKeyWitness(Keys[key].PublicKey, Keys[key].Sign(received.Id.Bytes))] }.Encode();
        }

        var merged = Transaction.Decode(sent);
        Assert.Equal([Hash(0), Hash(1), Hash(2), Hash(3)], unsigned.MissingSigners(merged.Witnesses));
        foreach (var key in new[] { 3, 0, 1, 3 }) merged = merged.AddWitnesses(WitnessSet.Decode(Part(key)));

        Assert.True(unsigned.IsComplete(merged.Witnesses));
        Assert.Equal((unsigned.Id, 3), (merged.Id, merged.Witnesses.VKeys.Count));
        Assert.Equal(Parameters.MinFee(merged.WireSize), merged.Body.Fee);
        Assert.Empty(Broken(merged, Ada(10_000_000)));
    }

    [Fact]
    public void One_signature_of_the_council_is_not_enough()
    {
        var plan = new TransactionPlan { ChangeAddress = Own, Mints = [new MintAction(Council, default, 1)], ScriptSigners = [Hash(1)] };
        Assert.Equal(BuildFailure.ScriptUnsatisfied, Failure(plan, Ada(10_000_000)).Reason);
    }

    [Fact]
    public void Time_locks_narrow_the_validity()
    {
        var policy = NativeScript.All(Signature(1), NativeScript.After(100), NativeScript.Before(200));
        var plan = new TransactionPlan { ChangeAddress = Own, Mints = [new MintAction(policy, default, 1)] };

        Assert.Equal(new ValidityInterval(100, 200), Builder.Build(plan, [Ada(10_000_000)]).Unwrap().Body.Validity);
        Assert.Equal(new ValidityInterval(150, 180), Builder.Build(plan with { Validity = new(150, 180) }, [Ada(10_000_000)]).Unwrap().Body.Validity);
        Assert.Equal(BuildFailure.EmptyValidity, Failure(plan with { Validity = new(200, null) }, Ada(10_000_000)).Reason);
    }

    [Fact]
    public void Lock_under_any_needs_the_callers_choice()
    {
        var policy = NativeScript.Any(NativeScript.All(Signature(1), NativeScript.Before(200)), NativeScript.All(Signature(2), NativeScript.After(200)));
        var plan = new TransactionPlan { ChangeAddress = Own, Mints = [new MintAction(policy, default, 1)], ScriptSigners = [Hash(2)] };

        Assert.Equal(BuildFailure.ScriptUnsatisfied, Failure(plan, Ada(10_000_000)).Reason);
        Assert.IsType<BuildOutcome.Built>(Builder.Build(plan with { Validity = new(250, 300) }, [Ada(10_000_000)]));
    }

    [Fact]
    public void Script_address_is_spent_with_its_script_only()
    {
        var script = NativeScript.Any(NativeScript.All(Signature(1), Signature(2)), NativeScript.AtLeast(2, Signature(3), Signature(4), Signature(5)));
        var held = new Utxo(new TxIn(Blake2b.Hash256([9]), 1), new TxOut(Address.Enterprise(CardanoNetwork.Testnet, Credential.Script(script.Hash)), new Value(5_000_000, TokenBundle.Of(new AssetId(Generators.Policy(1), default), 7))));
        var plan = new TransactionPlan { ChangeAddress = Own, Inputs = [held], ScriptSigners = [Hash(1), Hash(2)] };

        Assert.Equal(BuildFailure.MissingScript, Failure(plan, Ada(10_000_000)).Reason);
        var unsigned = Builder.Build(plan with { SpendingScripts = [script] }, [Ada(10_000_000)]).Unwrap();
        var signed = unsigned.Sign([.. Keys.Where(k => unsigned.Signers.Contains(k.PublicKey.Hash))]);
        Assert.Empty(Broken(signed, held, Ada(10_000_000)));

        // Without it among the inputs, a script of the plan must not stand among the witnesses.
        Assert.Empty(Builder.Build(new TransactionPlan { ChangeAddress = Own, SpendingScripts = [script] }, [Ada(10_000_000)]).Unwrap().WitnessScripts);
    }

    [Fact]
    public void Script_read_by_reference_has_no_copy_among_the_witnesses_and_is_paid_for()
    {
        var policy = Signature(1);
        var reference = new Utxo(new TxIn(Blake2b.Hash256([8]), 0), new TxOut(Own, Value.OfCoin(2_000_000)) { ScriptReference = new byte[] { 0x82, 0x00 }.Concat(policy.Bytes.ToArray()).ToArray() });
        var plan = new TransactionPlan { ChangeAddress = Own, Mints = [new MintAction(policy, default, 1)], ReferenceInputs = [reference] };

        var unsigned = Builder.Build(plan, [Ada(10_000_000), reference]).Unwrap();
        var signed = unsigned.Sign(Keys[0], Keys[1]);

        Assert.Empty(signed.Witnesses.NativeScripts);
        Assert.DoesNotContain(reference.Input, signed.Body.Inputs);
        Assert.Equal(Parameters.MinFee(signed.WireSize) + 15UL * (ulong)reference.Output.ScriptReference!.Value.Length, signed.Body.Fee);
        Assert.Equal(BuildFailure.InputIsReferenced, Failure(plan with { Inputs = [reference] }, Ada(10_000_000)).Reason);
    }

    [Theory]
    [InlineData(0, 1_000_000UL)]
    [InlineData(25600, 15UL * 25600)]
    [InlineData(25601, 15UL * 25600 + 18)]
    [InlineData(51201, 15UL * 25600 + 18UL * 25600 + 21)]
    public void Reference_scripts_cost_by_tiers(int size, ulong fee) => Assert.Equal(size == 0 ? 0 : fee, Parameters.ReferenceScriptFee(size));

    [Fact]
    public void Minimum_ada_is_exact()
    {
        var output = Parameters.WithMinCoin(new TxOut(Own, new Value(0, TokenBundle.Of(new AssetId(Generators.Policy(1), AssetName.FromText("x")), 1))));
        Assert.Equal(Parameters.MinCoin(output.Encode().Length), (ulong)output.Value.Coin);
        var below = output.WithValue(output.Value with { Coin = output.Value.Coin - 1 });
        Assert.Equal(BuildFailure.OutputBelowMinimum, Failure(new TransactionPlan { ChangeAddress = Own, Outputs = [below] }, Ada(10_000_000)).Reason);
    }

    [Fact]
    public void Known_mainnet_figures_of_minimum_ada()
    {
        // An output of lovelace alone at a base address: 0.969750 ada as an array, 0.978370 as a map.
        var address = Address.Base(CardanoNetwork.Mainnet, Credential.Key(Hash(0)), Credential.Key(Hash(1)));
        Assert.Equal((Int128)969_750, Parameters.WithMinCoin(new TxOut(address, Value.Zero) { Legacy = true }).Value.Coin);
        Assert.Equal((Int128)978_370, Parameters.WithMinCoin(new TxOut(address, Value.Zero)).Value.Coin);
    }

    [Fact]
    public void Rest_too_small_for_change_fails_or_goes_to_the_fee()
    {
        var plan = new TransactionPlan { ChangeAddress = Own, Outputs = [new TxOut(Enterprise(1), Value.OfCoin(2_000_000))] };
        Assert.Equal(BuildFailure.ChangeBelowMinimum, Failure(plan, Ada(2_500_000)).Reason);
        var unsigned = Builder.Build(plan with { LeftoverToFee = true }, [Ada(2_500_000)]).Unwrap();
        Assert.Equal((500_000UL, 1), (unsigned.Fee, unsigned.Body.Outputs.Count));
        Assert.Equal(BuildFailure.InsufficientCoin, Failure(plan with { LeftoverToFee = true }, Ada(2_100_000)).Reason);
    }

    [Fact]
    public void Change_with_many_tokens_is_spread_over_outputs_that_fit()
    {
        var tokens = TokenBundle.From(Enumerable.Range(0, 300).Select(static i => new AssetQuantity(new AssetId(Generators.Policy(i % 40), AssetName.FromText($"a rather long asset name {i}")), (Int128)ulong.MaxValue * (i == 0 ? 2 : 1))));
        var wallet = Enumerable.Range(0, 4).Select(i => new Utxo(new TxIn(default, (ushort)i), new TxOut(Own, new Value(60_000_000, TokenBundle.From(tokens.Where((_, at) => at % 4 == i).Select(static t => t with { Quantity = t.Quantity > ulong.MaxValue ? ulong.MaxValue : t.Quantity })))))).ToArray();
        var twice = new Utxo(new TxIn(default, 9), new TxOut(Own, new Value(5_000_000, TokenBundle.Of(tokens[0].Asset, ulong.MaxValue))));

        var change = Builder.Build(new TransactionPlan { ChangeAddress = Own, Inputs = [.. wallet, twice] }, []).Unwrap().Change.ToList();

        Assert.True(change.Count > 3);
        Assert.All(change, static u => Assert.True(ValueCodec.Size(u.Value) <= 5000 && u.Value.Coin >= Parameters.MinCoin(u.Output)));
    }

    [Fact]
    public void Change_is_split_for_parallel_work_only_into_parts_that_can_stand()
    {
        var rich = Builder.Build(new TransactionPlan { ChangeAddress = Own, ChangeParts = 8 }, [Ada(100_000_000)]).Unwrap();
        var poor = Builder.Build(new TransactionPlan { ChangeAddress = Own, ChangeParts = 8 }, [Ada(5_000_000)]).Unwrap();
        Assert.Equal((8, 2), (rich.Change.Count(), poor.Change.Count()));
    }

    [Fact]
    public void Fragmented_wallet_is_swept_up_as_it_is_used()
    {
        var dust = Enumerable.Range(0, 300).Select(static i => Ada(1_500_000, i)).ToArray();
        var unsigned = Builder.Build(new TransactionPlan { ChangeAddress = Own, Outputs = [new TxOut(Enterprise(1), Value.OfCoin(2_000_000))] }, dust).Unwrap();
        Assert.True(unsigned.Inputs.Count >= 20 && unsigned.Change.Count() == 1);
    }

    [Fact]
    public void Large_payment_from_a_fragmented_wallet_falls_back_to_the_largest_outputs()
    {
        var wallet = Enumerable.Range(0, 900).Select(static i => Ada(1_200_000, i)).Concat(Enumerable.Range(900, 5).Select(static i => Ada(100_000_000, i))).ToArray();
        var unsigned = Builder.Build(new TransactionPlan { ChangeAddress = Own, Outputs = [new TxOut(Enterprise(1), Value.OfCoin(480_000_000))] }, wallet).Unwrap();
        Assert.True(unsigned.ToTransaction().WireSize < 16_384 - VKeyWitness.EncodedSize);
    }

    [Fact]
    public void Failures_say_what_is_wrong()
    {
        var asset = new AssetId(Generators.Policy(1), AssetName.FromText("x"));
        Assert.Equal(BuildFailure.InsufficientTokens, Failure(new TransactionPlan { ChangeAddress = Own, Outputs = [new TxOut(Own, new Value(2_000_000, TokenBundle.Of(asset, 5)))] }, Ada(10_000_000)).Reason);
        Assert.Equal(BuildFailure.InsufficientCoin, Failure(new TransactionPlan { ChangeAddress = Own }).Reason);
        Assert.Equal(BuildFailure.InvalidMint, Failure(new TransactionPlan { ChangeAddress = Own, Mints = [new MintAction(Council, default, 1), new MintAction(Council, default, -1)] }, Ada(10_000_000)).Reason);
        Assert.Equal(BuildFailure.InvalidMetadata, Failure(new TransactionPlan { ChangeAddress = Own, Metadata = new Dictionary<ulong, Metadatum> { [1] = new string('x', 65) } }, Ada(10_000_000)).Reason);
        Assert.Equal(BuildFailure.WrongNetwork, Failure(new TransactionPlan { ChangeAddress = Own, Network = CardanoNetwork.Mainnet }, Ada(10_000_000)).Reason);
        Assert.Equal(BuildFailure.TransactionTooLarge, Failure(new TransactionPlan { ChangeAddress = Own, Metadata = Enumerable.Range(0, 300).ToDictionary(static i => (ulong)i, static _ => (Metadatum)new string('x', 64)) }, Ada(10_000_000)).Reason);
    }

    [Fact]
    public void Orders_that_cannot_be_are_set_aside_and_the_rest_is_packed()
    {
        var orders = Enumerable.Range(0, 30).Select(static i => new MintOrder(Signature(1), AssetName.FromText($"{i}"), i == 17 ? long.MaxValue : 1, i == 5 ? Address.Enterprise(CardanoNetwork.Mainnet, Credential.Key(Hash(2))) : Enterprise(2))).ToArray();
        var pool = new UtxoPool([Ada(1_000_000_000)]);

        var result = BatchBuilder.Pack(Builder, orders, some => MintOrder.Combine(some, new TransactionPlan { ChangeAddress = Own }, Parameters), pool);

        Assert.Equal(orders[5], Assert.Single(result.Rejected).Order);
        Assert.Equal(29, result.Batches.Sum(static b => b.Orders.Count));
        Assert.Equal(result.Batches[^1].Transaction.Change, pool.Available);
    }

    [Fact]
    public void Wallet_that_runs_dry_leaves_the_rest_of_the_orders()
    {
        var orders = Enumerable.Range(0, 30).Select(static i => new MintOrder(Signature(1), AssetName.FromText($"{i}"), 1, Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(Generators.Policy(i))))).ToArray();

        var result = BatchBuilder.Pack(Builder, orders, some => MintOrder.Combine(some, new TransactionPlan { ChangeAddress = Own }, Parameters), new UtxoPool([Ada(20_000_000)]));

        Assert.InRange(result.Batches.Sum(static b => b.Orders.Count), 10, 20);
        Assert.Equal(30, result.Batches.Sum(static b => b.Orders.Count) + result.Unfunded.Count);
        Assert.NotNull(result.Shortage);
    }

    [Fact]
    public void Slots_and_time_meet()
    {
        Assert.Equal(DateTimeOffset.Parse("2020-07-29T21:44:51Z"), SlotClock.Mainnet.StartOf(4_492_800));
        Assert.Equal(4_492_800UL + 3600, SlotClock.Mainnet.SlotAt(DateTimeOffset.Parse("2020-07-29T22:44:51.9Z")));
    }

    private static Hash28 Hash(int key) => Keys[key].PublicKey.Hash;
    private static NativeScript Signature(int key) => NativeScript.Signature(Hash(key));
    private static Address Enterprise(int key) => Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(Hash(key)));
    private static Utxo Ada(ulong coin, int number = 0) => new(new TxIn(Blake2b.Hash256([1]), (ushort)number), new TxOut(Own, Value.OfCoin(coin)));
    private static BuildOutcome.Failed Failure(TransactionPlan plan, params Utxo[] wallet) => Assert.IsType<BuildOutcome.Failed>(Builder.Build(plan, wallet));
    private static List<string> Broken(Transaction signed, params Utxo[] ledger) => LedgerRules.Check(signed, ledger.ToDictionary(static u => u.Input, static u => u.Output), Parameters, CardanoNetwork.Testnet, 0);
}
