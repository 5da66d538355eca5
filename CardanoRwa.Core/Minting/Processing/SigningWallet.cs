using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>The issuer's keys: one for fees, one for the treasury, some for policies. Only the minting worker has them.</summary>
public sealed class SigningWallet : IDisposable
{
    private readonly Dictionary<Hash28, ISigner> _signers;

    private SigningWallet(CardanoNetwork network, ISigner fees, ISigner treasury, IReadOnlyList<(string Name, ISigner Key)> policies)
    {
        Network = network;
        FeeAddress = Address.Enterprise(network, Credential.Key(fees.PublicKey.Hash));
        TreasuryAddress = Address.Enterprise(network, Credential.Key(treasury.PublicKey.Hash));
        Policies = [.. policies.Select(p => new PolicyKey(p.Name, p.Key.PublicKey.Hash.ToString()))];
        PolicyHashes = policies.Select(p => p.Key.PublicKey.Hash).ToHashSet();
        _signers = new[] { fees, treasury }.Concat(policies.Select(p => p.Key)).DistinctBy(k => k.PublicKey.Hash).ToDictionary(k => k.PublicKey.Hash);
    }

    public CardanoNetwork Network { get; }
    public Address FeeAddress { get; }
    public Address TreasuryAddress { get; }
    public IReadOnlyList<PolicyKey> Policies { get; }
    public IReadOnlySet<Hash28> PolicyHashes { get; }

    public static SigningWallet Load(MintingOptions options, string network)
    {
        var which = network == "mainnet" ? CardanoNetwork.Mainnet : CardanoNetwork.Testnet;
        if (options.PaymentKeyFile is { } file)
        {
            var payment = ReadKey(file);
            return new SigningWallet(which, payment, payment, [.. options.PolicyKeyFiles.Select((f, i) => (NameOf(i), ReadKey(f)))]);
        }
        using var mnemonic = Mnemonic.Parse((options.Mnemonic ?? File.ReadAllText(options.MnemonicFile!)).Trim());
        using var root = ExtendedPrivateKey.FromMnemonic(mnemonic);
        return new SigningWallet(
            which, root.Derive(DerivationPath.Payment(0, 0)), root.Derive(DerivationPath.Payment(0, 1)),
            [.. Enumerable.Range(0, options.PolicyKeys).Select(i => (NameOf(i), (ISigner)root.Derive(DerivationPath.Policy((uint)i))))]);
    }

    public bool Owns(Address address) => address.Equals(FeeAddress) || address.Equals(TreasuryAddress);

    /// <summary>What an output is for; where one key serves both, tokens are the treasury's.</summary>
    public WalletRole? RoleOf(TxOut output) =>
        output.Address.Equals(TreasuryAddress) && (!TreasuryAddress.Equals(FeeAddress) || !output.Value.Tokens.IsEmpty) ? WalletRole.Treasury
        : output.Address.Equals(FeeAddress) ? WalletRole.Fees
        : null;

    /// <summary>Those of the keys that are held here.</summary>
    public ISigner[] Find(IEnumerable<Hash28> keys) => [.. keys.Distinct().Select(k => _signers.GetValueOrDefault(k)).OfType<ISigner>()];

    /// <summary>Whether this wallet's own key signed a transaction: nobody else can have made it.</summary>
    public bool Signed(Transaction transaction) => transaction.Witnesses.VKeys.Any(w => w.Key.Hash == FeeAddress.Payment!.Value.Hash && w.Verify(transaction.Id));

    public void Dispose()
    {
        foreach (var signer in _signers.Values.OfType<IDisposable>())
        {
            signer.Dispose();
        }
    }

    private static string NameOf(int index) => index == 0 ? "default" : $"policy-{index}";

    private static ISigner ReadKey(string file) => TextEnvelope.Parse(File.ReadAllText(file)).ToSigner();
}
