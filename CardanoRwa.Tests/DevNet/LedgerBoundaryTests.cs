using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;
using static CardanoRwa.Tests.DevNet.LedgerFixture;

namespace CardanoRwa.Tests.DevNet;

/// <summary>Where the ledger draws the line, to the lovelace, slot and byte.</summary>
public class LedgerBoundaryTests
{
    private static readonly TestWallet Wallet = new(1);
    private static readonly Utxo Funds = Wallet.Coin(1);

    [Fact]
    public void Fee_of_the_wire_size_may_be_44_less_but_not_45()
    {
        var mint = Wallet.Mint(Funds);

        Assert.Equal(TestWallet.Parameters.MinFee(mint.WireSize), mint.Body.Fee);
        Assert.Empty(Check(Wallet.Change(mint, fee: mint.Body.Fee - 44), Funds));
        var fault = Assert.Single(Faults(Wallet.Change(mint, fee: mint.Body.Fee - 45), Funds));
        Assert.Equal($"ConwayUtxowFailure (UtxoFailure (FeeTooSmallUTxO (Mismatch {{mismatchSupplied = Coin {mint.Body.Fee - 45}, mismatchExpected = Coin {mint.Body.Fee - 44}}})))", fault.Text);
    }

    [Fact]
    public void Output_needs_its_minimum_of_lovelace_to_the_lovelace()
    {
        var minimum = (ulong)TestWallet.Parameters.WithMinCoin(new TxOut(Wallet.Address, Value.Zero)).Value.Coin;
        var pay = Wallet.Pay(Funds, Wallet.Address, minimum);
        var less = Wallet.Change(pay, outputs: [TestWallet.AddCoin(pay.Body.Outputs[0], -1), TestWallet.AddCoin(pay.Body.Outputs[1], 1)]);

        Assert.Empty(Check(pay, Funds));
        Assert.Equal(["BabbageOutputTooSmallUTxO"], Check(less, Funds));
    }

    [Theory]
    [InlineData(null, Slot, false)]
    [InlineData(null, Slot + 1, true)]
    [InlineData(Slot, null, true)]
    [InlineData(Slot + 1, null, false)]
    public void Validity_interval_includes_its_start_and_excludes_its_end(ulong? start, ulong? ttl, bool accepted)
    {
        var faults = Check(Wallet.Pay(Funds, Wallet.Address, 2_000_000, new ValidityInterval(start, ttl)), Funds);

        Assert.Equal(accepted ? [] : ["OutsideValidityIntervalUTxO"], faults);
    }

    [Theory]
    [InlineData(2000UL, true)]
    [InlineData(2001UL, false)]
    [InlineData(null, false)]
    public void Before_lock_holds_for_a_ttl_up_to_its_slot(ulong? ttl, bool accepted)
    {
        var policy = NativeScript.All(NativeScript.Signature(Wallet.PolicyKey.PublicKey.Hash), NativeScript.Before(2000));
        var mint = Wallet.Mint(Funds, policy: policy);

        var faults = Check(Wallet.Change(mint, validity: new ValidityInterval(null, ttl)), Funds);

        Assert.Equal(accepted ? [] : ["ScriptWitnessNotValidatingUTXOW"], faults);
    }

    [Theory]
    [InlineData(900UL, true)]
    [InlineData(899UL, false)]
    [InlineData(null, false)]
    public void After_lock_holds_for_a_start_from_its_slot_on(ulong? start, bool accepted)
    {
        var policy = NativeScript.All(NativeScript.Signature(Wallet.PolicyKey.PublicKey.Hash), NativeScript.After(900));
        var mint = Wallet.Mint(Funds, policy: policy);

        var faults = Check(Wallet.Change(mint, validity: new ValidityInterval(start, null)), Funds);

        Assert.Equal(accepted ? [] : ["ScriptWitnessNotValidatingUTXOW"], faults);
    }

    [Fact]
    public void Burn_after_a_before_lock_is_refused()
    {
        var policy = NativeScript.All(NativeScript.Signature(Wallet.PolicyKey.PublicKey.Hash), NativeScript.Before(Slot));
        var held = TokenBundle.Of(new AssetId(policy.Hash, AssetName.FromText("late")), 1);
        var funds = new Utxo(Funds.Input, new TxOut(Wallet.Address, new Value(50_000_000, held)));
        var burn = Wallet.Mint(funds, "late", -1, policy: policy);

        Assert.Equal(["OutsideValidityIntervalUTxO"], Check(burn, funds));
        Assert.Equal(["ScriptWitnessNotValidatingUTXOW"], Check(Wallet.Change(burn, validity: new ValidityInterval(null, Slot + 1)), funds));
    }

    [Theory]
    [InlineData(16385, true)]
    [InlineData(16386, false)]
    public void Transaction_may_have_16385_bytes_on_the_wire(int size, bool accepted)
    {
        var large = OfSize(size);

        Assert.Equal(size, large.WireSize);
        Assert.Equal(accepted ? [] : ["MaxTxSizeUTxO"], Check(large, Funds));
    }

    [Fact]
    public void Size_fault_counts_as_the_ledger_does()
    {
        var fault = Assert.Single(Faults(OfSize(17522), Funds));

        Assert.Equal("ConwayUtxowFailure (UtxoFailure (MaxTxSizeUTxO (Mismatch {mismatchSupplied = 17521, mismatchExpected = 16384})))", fault.Text);
    }

    [Theory]
    [InlineData(5000, true)]
    [InlineData(5001, false)]
    public void Value_may_have_5000_bytes(int size, bool accepted)
    {
        var tokens = TokensOfSize(size);
        var funds = new Utxo(Funds.Input, new TxOut(Wallet.Address, new Value(500_000_000, tokens)));
        var pay = Wallet.Pay(Funds, Wallet.Address, 2_000_000);
        const ulong Fee = 2_000_000;
        var move = Wallet.Change(pay, outputs: [new TxOut(Wallet.Address, new Value(500_000_000 - Fee, tokens))], fee: Fee);

        Assert.Equal(size, ValueCodec.Size(move.Body.Outputs[0].Value));
        Assert.Equal(accepted ? [] : ["OutputTooBigUTxO"], Check(move, funds));
    }

    [Theory]
    [InlineData("é", 32, true)]
    [InlineData("é", 33, false)]
    [InlineData("x", 64, true)]
    [InlineData("x", 65, false)]
    public void Metadata_text_may_have_64_bytes_of_utf8(string letter, int times, bool accepted)
    {
        var data = AuxiliaryData.Of(674, string.Concat(Enumerable.Repeat(letter, times)));

        Assert.Equal(accepted ? [] : ["InvalidMetadata"], Check(WithData(data), Funds));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Byron_address_may_have_64_bytes_of_attributes(int bytes, bool accepted)
    {
        var address = ByronAddresses.Testnet(bytes);
        var faults = Check(Wallet.Change(Wallet.Pay(Funds, Wallet.Address, 5_000_000), outputs: [new TxOut(address, Value.OfCoin(Funds.Value.Coin - 1_000_000))], fee: 1_000_000), Funds);

        Assert.Equal(bytes, address.ByronAttributesSize);
        Assert.Equal(accepted ? [] : ["OutputBootAddrAttrsTooBig"], faults);
    }

    private static Transaction WithData(AuxiliaryData data)
    {
        var pay = Wallet.Pay(Funds, Wallet.Address, 5_000_000);
        var body = new TxBody
        {
            Inputs = pay.Body.Inputs,
            Outputs = [new TxOut(Wallet.Address, Value.OfCoin(Funds.Value.Coin - 2_000_000))],
            Fee = 2_000_000,
            AuxiliaryDataHash = data.Hash(),
        };
        return Wallet.Resign(Transaction.Create(body, WitnessSet.Empty, data), pay);
    }

    private static Transaction OfSize(int size)
    {
        var missing = size - WithData(AuxiliaryData.Of(674, Metadatum.List())).WireSize;
        for (var full = missing / 66; full > 0; full--)
        {
            for (var last = 0; last <= 64; last++)
            {
                var pieces = Enumerable.Repeat((Metadatum)new string('x', 64), full).Append(new string('y', last)).ToArray();
                var transaction = WithData(AuxiliaryData.Of(674, Metadatum.List(pieces)));
                if (transaction.WireSize == size) return transaction;
            }
        }

        throw new InvalidOperationException($"No transaction of {size} bytes was found.");
    }

    private static TokenBundle TokensOfSize(int size)
    {
        var policy = Blake2b.Hash224([7]);
        TokenBundle Make(int names, int last) => TokenBundle.From(Enumerable.Range(0, names)
            .Select(i => new AssetQuantity(new AssetId(policy, new AssetName([(byte)(i >> 8), (byte)i, .. new byte[i == 0 ? last : 28]])), 1)));
        for (var names = 130; names < 160; names++)
        {
            for (var last = 0; last <= 30; last++)
            {
                if (ValueCodec.Size(new Value(498_000_000, Make(names, last))) == size) return Make(names, last);
            }
        }

        throw new InvalidOperationException($"No value of {size} bytes was found.");
    }
}
