using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Benchmarks;

/// <summary>
/// One CIP-25 mint of 644 bytes from end to end: plan, inputs, fee, change, two signatures (payment and policy key), bytes.
/// Every call mints another token under another name, so nothing can be reused.
/// </summary>
public sealed class MintWork : IDisposable
{
    private readonly ExtendedPrivateKey payment;
    private readonly ExtendedPrivateKey policyKey;
    private readonly NativeScript policy;
    private readonly Address address;
    private readonly Address recipient;
    private readonly Utxo[] wallet;
    private readonly TransactionBuilder builder = new(ProtocolParameters.Mainnet2025, random: new Random(1));
    private readonly bool oneKey;
    private int next;

    /// <param name="oneKey">The payment key is the policy key too, so that one signature is enough.</param>
    public MintWork(bool oneKey)
    {
        this.oneKey = oneKey;
        using var mnemonic = Mnemonic.FromEntropy(new byte[32]);
        using var root = ExtendedPrivateKey.FromMnemonic(mnemonic);
        payment = root.Derive(DerivationPath.Payment(0, 0));
        policyKey = oneKey ? root.Derive(DerivationPath.Payment(0, 0)) : root.Derive(DerivationPath.Policy(0));
        using var stake = root.Derive(DerivationPath.Stake(0));
        policy = NativeScript.All(NativeScript.Signature(policyKey.PublicKey.Hash), NativeScript.Before(200_000_000));
        address = Address.Base(CardanoNetwork.Testnet, Credential.Key(payment.PublicKey.Hash), Credential.Key(stake.PublicKey.Hash));
        recipient = Address.Base(CardanoNetwork.Testnet, Credential.Key(stake.PublicKey.Hash), Credential.Key(payment.PublicKey.Hash));
        wallet = [new Utxo(new TxIn(Blake2b.Hash256([1]), 0), new TxOut(address, Value.OfCoin(1_000_000_000)))];
    }

    public Transaction Run()
    {
        var number = next++ % 10000;
        var order = new MintOrder(policy, AssetName.FromText($"Asset{number:0000}"), 1, recipient, Cip25.Details($"Asset {number:0000}", Image, ("mediaType", "image/png"), ("description", "One of a thousand.")));
        var plan = MintOrder.Combine([order], new TransactionPlan { ChangeAddress = address }, builder.Parameters);
        var unsigned = builder.Build(plan, wallet).Unwrap();
        return oneKey ? unsigned.Sign(payment) : unsigned.Sign(payment, policyKey);
    }

    /// <summary>The one part that no code here can make faster.</summary>
    public Ed25519Signature Sign() => payment.Sign(wallet[0].Input.TransactionId.Bytes);

    public void Dispose()
    {
        payment.Dispose();
        policyKey.Dispose();
    }

    private const string Image = "ipfs://QmbQDvKJeo2NgGcGdnUiUFibTzuKNK5Uij7jzmK8ZccmWp";
}
