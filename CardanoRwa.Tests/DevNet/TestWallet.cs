using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Tests.DevNet;

/// <summary>A wallet whose key also mints, and transactions of it that are right but for what a test changes.</summary>
internal sealed class TestWallet
{
    internal static readonly ProtocolParameters Parameters = ProtocolParameters.Mainnet2025;

    internal TestWallet(byte seed)
    {
        Key = KeyOf(seed);
        PolicyKey = KeyOf((byte)(seed + 100));
        Policy = NativeScript.Signature(PolicyKey.PublicKey.Hash);
        Address = AddressOf(Key);
    }

    internal SeedPrivateKey Key { get; }
    internal SeedPrivateKey PolicyKey { get; }
    internal NativeScript Policy { get; }
    internal Address Address { get; }

    internal static SeedPrivateKey KeyOf(byte seed) => new([.. Enumerable.Repeat(seed, 32)]);

    internal static Address AddressOf(SeedPrivateKey key) => Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(key.PublicKey.Hash));

    /// <summary>An output of this wallet that no transaction made.</summary>
    internal Utxo Coin(byte number, ulong lovelace = 100_000_000) => new(new TxIn(Blake2b.Hash256([number]), 0), new TxOut(Address, Value.OfCoin(lovelace)));

    internal Transaction Mint(Utxo funds, string name = "Certificate", long quantity = 1, ValidityInterval validity = default, NativeScript? policy = null, TransactionPlan? plan = null) => Sign(
        (plan ?? new TransactionPlan { ChangeAddress = Address }) with
        {
            ChangeAddress = Address,
            Mints = [new MintAction(policy ?? Policy, AssetName.FromText(name), quantity)],
            Metadata = quantity < 0 ? new Dictionary<ulong, Metadatum>() : new Dictionary<ulong, Metadatum> { [674] = "minted" },
            Validity = validity,
        },
        funds);

    internal Transaction Pay(Utxo funds, Address to, ulong lovelace, ValidityInterval validity = default) =>
        Sign(new TransactionPlan { ChangeAddress = Address, Outputs = [new TxOut(to, Value.OfCoin(lovelace))], Validity = validity }, funds);

    internal Transaction Sign(TransactionPlan plan, params Utxo[] funds)
    {
        // One for each call: properties are checked on several threads, and a source of randomness is not to be shared.
        var unsigned = new TransactionBuilder(Parameters, random: new Random(1)).Build(plan with { Inputs = funds }, funds).Unwrap();
        return unsigned.Sign([.. new[] { Key, PolicyKey }.Where(k => unsigned.Signers.Contains(k.PublicKey.Hash))]);
    }

    internal static Utxo Output(Transaction transaction, int index) => new(new TxIn(transaction.Id, (ushort)index), transaction.Body.Outputs[index]);

    /// <summary>The same transaction with another body, signed again by whoever had signed; the last output pays for another fee.</summary>
    internal Transaction Change(
        Transaction original,
        IReadOnlyList<TxIn>? inputs = null,
        IReadOnlyList<TxOut>? outputs = null,
        ulong? fee = null,
        ValidityInterval? validity = null,
        TokenBundle? mint = null,
        IReadOnlyList<Hash28>? signers = null,
        CardanoNetwork? network = null,
        IReadOnlyList<TxIn>? references = null,
        Func<Hash32?, Hash32?>? auxiliaryHash = null,
        Dictionary<ulong, ReadOnlyMemory<byte>>? other = null)
    {
        var body = original.Body;
        var changed = new TxBody
        {
            Inputs = inputs ?? body.Inputs,
            Outputs = outputs ?? (fee is { } f ? [.. body.Outputs.SkipLast(1), AddCoin(body.Outputs[^1], (Int128)body.Fee - f)] : body.Outputs),
            Fee = fee ?? body.Fee,
            Validity = validity ?? body.Validity,
            Mint = mint ?? body.Mint,
            RequiredSigners = signers ?? body.RequiredSigners,
            NetworkId = network ?? body.NetworkId,
            ReferenceInputs = references ?? body.ReferenceInputs,
            AuxiliaryDataHash = auxiliaryHash is null ? body.AuxiliaryDataHash : auxiliaryHash(body.AuxiliaryDataHash),
            Other = other ?? body.Other,
        };
        return Resign(Transaction.Create(changed, new WitnessSet { NativeScripts = original.Witnesses.NativeScripts }, original.AuxiliaryData), original);
    }

    internal static TxOut AddCoin(TxOut output, Int128 lovelace) => output.WithValue(output.Value with { Coin = output.Value.Coin + lovelace });

    internal Transaction Resign(Transaction unsigned, Transaction signers)
    {
        var keys = new[] { Key, PolicyKey }.Where(k => signers.Witnesses.VKeys.Any(w => w.Key == k.PublicKey));
        return unsigned.AddWitnesses(new WitnessSet { VKeys = [.. keys.Select(k => new VKeyWitness(k.PublicKey, k.Sign(unsigned.Id.Bytes)))] });
    }
}
