using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Cbor;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;
using static CardanoRwa.Tests.DevNet.LedgerFixture;

namespace CardanoRwa.Tests.DevNet;

/// <summary>Each rule broken alone gives its own name; rules broken together stand in one list.</summary>
public class LedgerRuleTests
{
    private static readonly TestWallet Wallet = new(1);
    private static readonly Utxo Funds = Wallet.Coin(1);
    private static readonly Transaction Mint = Wallet.Mint(Funds);
    private static readonly Transaction Payment = Wallet.Pay(Funds, Wallet.Address, 5_000_000);

    [Fact]
    public void Right_transactions_are_accepted()
    {
        Assert.Empty(Check(Mint, Funds));
        Assert.Empty(Check(Payment, Funds));
    }

    [Fact]
    public void Unknown_input_beside_a_known_one_is_told_with_what_is_out_of_balance()
    {
        var unknown = Wallet.Coin(2);
        var both = Wallet.Sign(new TransactionPlan { ChangeAddress = Wallet.Address }, Funds, unknown);

        var faults = Faults(both, Funds);

        Assert.Equal(["ValueNotConservedUTxO", "BadInputsUTxO"], faults.Select(static f => f.Name));
        Assert.Equal($"ConwayUtxowFailure (UtxoFailure (BadInputsUTxO (fromList [TxIn (TxId {{unTxId = SafeHash \"{unknown.Input.TransactionId}\"}}) (TxIx {{unTxIx = 0}})])))", faults[1].Text);
    }

    [Fact]
    public void No_inputs_at_all_are_refused() =>
        Assert.Contains("InputSetEmptyUTxO", Check(Wallet.Change(Payment, inputs: []), Funds));

    [Fact]
    public void Value_must_be_conserved_in_lovelace_and_in_every_asset()
    {
        var more = Wallet.Change(Payment, outputs: [TestWallet.AddCoin(Payment.Body.Outputs[0], 1), Payment.Body.Outputs[1]]);
        var unminted = Wallet.Change(Mint, mint: TokenBundle.Of(Mint.Body.Mint[0].Asset, 2));
        var text = Assert.Single(Faults(unminted, Funds)).Text;

        Assert.Equal(["ValueNotConservedUTxO"], Check(more, Funds));
        Assert.Contains($"(PolicyID {{policyID = ScriptHash \"{Wallet.Policy.Hash}\"}},fromList [(\"4365727469666963617465\",2)])", text);
    }

    [Fact]
    public void Networks_of_outputs_and_body_must_be_that_of_the_chain()
    {
        var foreign = new TxOut(Address.Enterprise(CardanoNetwork.Mainnet, Credential.Key(Wallet.Key.PublicKey.Hash)), Payment.Body.Outputs[0].Value);

        Assert.Equal(["WrongNetwork"], Check(Wallet.Change(Payment, outputs: [foreign, Payment.Body.Outputs[1]]), Funds));
        Assert.Equal(["WrongNetworkInTxBody"], Check(Wallet.Change(Payment, fee: Payment.Body.Fee + 1000, network: CardanoNetwork.Mainnet), Funds));
        Assert.Empty(Check(Wallet.Change(Payment, fee: Payment.Body.Fee + 1000, network: CardanoNetwork.Testnet), Funds));
    }

    [Fact]
    public void Witnesses_must_be_right_and_complete_and_may_be_more()
    {
        var stranger = TestWallet.KeyOf(77);
        var key = new VKeyWitness(stranger.PublicKey, stranger.Sign(Payment.Id.Bytes));
        var wrong = new VKeyWitness(Payment.Witnesses.VKeys[0].Key, key.Signature);
        var rich = Wallet.Change(Payment, fee: Payment.Body.Fee + 10_000);

        Assert.Equal(["InvalidWitnessesUTXOW"], Check(Payment.ReplaceWitnesses(new WitnessSet { VKeys = [wrong] }), Funds));
        Assert.Equal(["MissingVKeyWitnessesUTXOW"], Check(Payment.ReplaceWitnesses(new WitnessSet { VKeys = [key] }), Funds));
        Assert.Equal(["MissingVKeyWitnessesUTXOW"], Check(Payment.ReplaceWitnesses(WitnessSet.Empty), Funds));
        Assert.Equal(["MissingVKeyWitnessesUTXOW"], Check(Wallet.Change(Payment, fee: Payment.Body.Fee + 10_000, signers: [stranger.PublicKey.Hash]), Funds));
        Assert.Empty(Check(rich.AddWitnesses(new WitnessSet { VKeys = [new VKeyWitness(stranger.PublicKey, stranger.Sign(rich.Id.Bytes))] }), Funds));
    }

    [Fact]
    public void Scripts_must_be_there_satisfied_and_needed()
    {
        var other = NativeScript.Signature(Blake2b.Hash224([1]));
        var rich = Wallet.Change(Mint, fee: Mint.Body.Fee + 10_000);
        var unsigned = rich.ReplaceWitnesses(new WitnessSet { VKeys = [.. rich.Witnesses.VKeys.Where(w => w.Key == Wallet.Key.PublicKey)], NativeScripts = rich.Witnesses.NativeScripts });

        Assert.Equal(["MissingScriptWitnessesUTXOW"], Check(rich.ReplaceWitnesses(new WitnessSet { VKeys = rich.Witnesses.VKeys }), Funds));
        Assert.Equal(["ExtraneousScriptWitnessesUTXOW"], Check(rich.AddWitnesses(new WitnessSet { NativeScripts = [other] }), Funds));
        Assert.Equal(["ScriptWitnessNotValidatingUTXOW"], Check(unsigned, Funds));
    }

    [Fact]
    public void Script_address_needs_its_script()
    {
        var script = NativeScript.Any(NativeScript.Signature(Wallet.Key.PublicKey.Hash));
        var locked = new Utxo(Funds.Input, new TxOut(Address.Enterprise(CardanoNetwork.Testnet, Credential.Script(script.Hash)), Value.OfCoin(50_000_000)));
        var spend = Wallet.Sign(new TransactionPlan { ChangeAddress = Wallet.Address, SpendingScripts = [script] }, locked);

        Assert.Empty(Check(spend, locked));
        Assert.Equal(["MissingScriptWitnessesUTXOW"], Check(spend.ReplaceWitnesses(new WitnessSet { VKeys = spend.Witnesses.VKeys }), locked));
    }

    [Fact]
    public void Script_read_by_reference_needs_no_witness_and_allows_none()
    {
        var cbor = CborEncoder.Encode(Wallet.Policy, static (encoder, script) =>
        {
            encoder.WriteArray(2);
            encoder.WriteUInt(0);
            encoder.WriteEncoded(script.Bytes);
        });
        var holder = new Utxo(Wallet.Coin(9).Input, new TxOut(Wallet.Address, Value.OfCoin(5_000_000)) { ScriptReference = cbor });
        var mint = Wallet.Mint(Funds, plan: new TransactionPlan { ChangeAddress = Wallet.Address, ReferenceInputs = [holder] });
        var rich = Wallet.Change(mint, fee: mint.Body.Fee + 10_000);

        Assert.Empty(mint.Witnesses.NativeScripts);
        Assert.Empty(Check(mint, Funds, holder));
        Assert.Equal(["ExtraneousScriptWitnessesUTXOW"], Check(rich.AddWitnesses(new WitnessSet { NativeScripts = [Wallet.Policy] }), Funds, holder));
        Assert.Equal(["BadInputsUTxO", "MissingScriptWitnessesUTXOW"], Check(mint, Funds));
        Assert.Equal(["BabbageNonDisjointRefInputs"], Check(Wallet.Change(Payment, fee: Payment.Body.Fee + 10_000, references: [Funds.Input]), Funds));
    }

    [Fact]
    public void Auxiliary_data_and_its_hash_come_together_and_agree()
    {
        var noHash = Wallet.Change(Mint, auxiliaryHash: static _ => null);
        var otherHash = Wallet.Change(Mint, auxiliaryHash: static _ => Blake2b.Hash256([1]));
        var noData = Wallet.Change(Payment, fee: Payment.Body.Fee + 10_000, auxiliaryHash: static _ => Blake2b.Hash256([1]));

        Assert.Equal(["MissingTxBodyMetadataHash"], Check(noHash, Funds));
        Assert.Equal(["ConflictingMetadataHash"], Check(otherHash, Funds));
        Assert.Equal(["MissingTxMetadata"], Check(noData, Funds));
    }

    [Fact]
    public void Broken_rules_stand_together_in_one_list()
    {
        var broken = Wallet.Change(Payment, fee: 0, validity: new ValidityInterval(null, Slot), network: CardanoNetwork.Mainnet).ReplaceWitnesses(WitnessSet.Empty);

        Assert.Equal(["WrongNetworkInTxBody", "FeeTooSmallUTxO", "OutsideValidityIntervalUTxO", "MissingVKeyWitnessesUTXOW"], Check(broken, Funds));
    }

    [Fact]
    public void What_is_not_simulated_is_refused_by_that_name()
    {
        var withdrawal = CborEncoder.Encode(0, static (encoder, _) => encoder.WriteMap(0));

        Assert.Equal(["NotSimulatedByDevNet"], Check(Wallet.Change(Payment, fee: Payment.Body.Fee + 1000, other: new() { [5] = withdrawal }), Funds));
    }

    [Fact]
    public void Claim_of_failing_scripts_without_any_is_refused()
    {
        var bytes = Payment.Bytes.ToArray();
        bytes[^2] = 0xf4;

        Assert.Equal(["UtxosFailure"], Check(Transaction.Decode(bytes), Funds));
    }
}
