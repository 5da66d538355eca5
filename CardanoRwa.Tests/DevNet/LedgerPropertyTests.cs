using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Transactions;
using CsCheck;
using static CardanoRwa.Tests.DevNet.LedgerFixture;

namespace CardanoRwa.Tests.DevNet;

/// <summary>Random transactions of the library's builder are accepted; whatever is changed about them is refused, under the right name.</summary>
public class LedgerPropertyTests
{
    private static readonly TestWallet Wallet = new(1);
    private static readonly Utxo[] Coins = [.. Enumerable.Range(1, 6).Select(static i => Wallet.Coin((byte)i, (ulong)i * 50_000_000))];

    private static readonly Gen<Transaction> Valid = Gen.Select(
        Gen.Select(Gen.Int[0, 30], Gen.Long[1, 1_000_000]).Array[1, 8],
        Gen.ULong[1_500_000, 5_000_000].Array[0, 4],
        Gen.Int[1, 3],
        static (mints, payments, inputs) => Wallet.Sign(
            new TransactionPlan
            {
                ChangeAddress = Wallet.Address,
                Mints = [.. mints.DistinctBy(static m => m.Item1).Select(static m => new MintAction(Wallet.Policy, AssetName.FromText($"token {m.Item1}"), m.Item2))],
                Outputs = [.. payments.Select(static p => new TxOut(TestWallet.AddressOf(TestWallet.KeyOf(50)), CardanoRwa.Cardano.Assets.Value.OfCoin(p)))],
                Metadata = new Dictionary<ulong, CardanoRwa.Cardano.Metadata.Metadatum> { [674] = $"{mints.Length} mints" },
            },
            Coins[..inputs]));

    [Fact]
    public void What_the_builder_makes_is_accepted() => Valid.Sample(static t => Assert.Empty(Check(t, Coins)), iter: 300);

    [Fact]
    public void Dropped_witness_is_missed() => Gen.Select(Valid, Gen.Bool).Sample(static (t, policyKey) =>
    {
        var dropped = policyKey ? Wallet.PolicyKey.PublicKey : Wallet.Key.PublicKey;
        var left = new WitnessSet { VKeys = [.. t.Witnesses.VKeys.Where(w => w.Key != dropped)], NativeScripts = t.Witnesses.NativeScripts };
        Assert.Equal([policyKey ? "ScriptWitnessNotValidatingUTXOW" : "MissingVKeyWitnessesUTXOW"], Check(t.ReplaceWitnesses(left), Coins));
    }, iter: 100);

    [Fact]
    public void Dropped_script_is_missed() => Valid.Sample(static t =>
        Assert.Equal(["MissingScriptWitnessesUTXOW"], Check(t.ReplaceWitnesses(new WitnessSet { VKeys = t.Witnesses.VKeys }), Coins)), iter: 100);

    [Fact]
    public void Dropped_or_doubled_output_is_out_of_balance_and_unsigned() => Gen.Select(Valid, Gen.Int[0, 100], Gen.Bool).Sample(static (t, pick, drop) =>
    {
        var outputs = t.Body.Outputs.ToList();
        if (drop) outputs.RemoveAt(pick % outputs.Count);
        else outputs.Add(outputs[pick % outputs.Count]);
        var forged = Wallet.Change(t, outputs: outputs);
        Assert.Contains("ValueNotConservedUTxO", Check(forged, Coins));
        Assert.Contains("InvalidWitnessesUTXOW", Check(forged.ReplaceWitnesses(t.Witnesses), Coins));
    }, iter: 100);

    [Fact]
    public void Reordered_outputs_are_another_transaction_that_nobody_signed() => Valid.Where(static t => t.Body.Outputs.Count > 1 && t.Body.Outputs[0].Value != t.Body.Outputs[^1].Value).Sample(static t =>
    {
        var reordered = Wallet.Change(t, outputs: [.. t.Body.Outputs.Reverse()]);
        Assert.Empty(Check(reordered, Coins));
        Assert.Equal(["InvalidWitnessesUTXOW"], Check(reordered.ReplaceWitnesses(t.Witnesses), Coins));
    }, iter: 100);

    [Fact]
    public void Reordered_witnesses_are_the_same_transaction() => Valid.Sample(static t =>
        Assert.Empty(Check(t.ReplaceWitnesses(new WitnessSet { VKeys = [.. t.Witnesses.VKeys.Reverse()], NativeScripts = t.Witnesses.NativeScripts }), Coins)), iter: 100);

    [Fact]
    public void Doubled_input_is_not_a_set() => Valid.Sample(static t =>
    {
        var doubled = Wallet.Change(t, inputs: [.. t.Body.Inputs, t.Body.Inputs[0]]);
        Assert.False(Transaction.TryDecode(doubled.Bytes, out _, out var error));
        Assert.Contains("twice", error);
    }, iter: 50);

    [Fact]
    public void Any_flipped_bit_is_refused() => Gen.Select(Valid, Gen.Int[0, int.MaxValue]).Sample(static (t, pick) =>
    {
        var bytes = t.Bytes.ToArray();
        bytes[pick / 8 % bytes.Length] ^= (byte)(1 << (pick % 8));
        if (Transaction.TryDecode(bytes, out var read, out _)) Assert.NotEmpty(Check(read, Coins));
    }, iter: 3000);
}
