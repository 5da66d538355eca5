using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;
using CsCheck;

namespace CardanoRwa.Tests.Cardano;

/// <summary>Random but valid protocol values.</summary>
internal static class Generators
{
    internal static Gen<byte[]> Bytes(int length) => Gen.Byte.Array[length];
    internal static Gen<byte[]> Bytes(int min, int max) => Gen.Byte.Array[min, max];
    internal static readonly Gen<Hash28> Hash28 = Bytes(28).Select(static b => new Hash28(b));
    internal static readonly Gen<Hash32> Hash32 = Bytes(32).Select(static b => new Hash32(b));
    internal static readonly Gen<CardanoNetwork> Network = Gen.Bool.Select(static b => b ? CardanoNetwork.Mainnet : CardanoNetwork.Testnet);
    internal static readonly Gen<Credential> Credential = Gen.Select(Gen.Bool, Hash28, static (script, hash) => script ? new Credential(CredentialKind.Script, hash) : new Credential(CredentialKind.Key, hash));

    internal static readonly Gen<Address> Address = Gen.OneOf(
        Gen.Select(Network, Credential, Credential, static (n, p, s) => CardanoRwa.Cardano.Addresses.Address.Base(n, p, s)),
        Gen.Select(Network, Credential, static (n, p) => CardanoRwa.Cardano.Addresses.Address.Enterprise(n, p)));

    internal static readonly Gen<AssetName> AssetName = Bytes(0, 32).Select(static b => new AssetName(b));

    // Few policies, so that several assets share one.
    internal static readonly Gen<AssetId> AssetId = Gen.Select(Gen.Int[0, 5], AssetName, static (p, n) => new AssetId(Policy(p), n));

    internal static Hash28 Policy(int number) => Blake2b.Hash224([(byte)number]);

    internal static Gen<TokenBundle> Tokens(int max) => Gen.Select(AssetId, Gen.OneOf(Gen.ULong[1, 1000], Gen.ULong[1, ulong.MaxValue]), static (a, q) => new AssetQuantity(a, q))
        .Array[0, max].Select(static a => TokenBundle.From(a.DistinctBy(static x => x.Asset)));

    internal static readonly Gen<TokenBundle> Mint = Gen.Select(AssetId, Gen.Long[-1_000_000_000, 1_000_000_000], static (a, q) => new AssetQuantity(a, q == 0 ? 1 : q))
        .Array[0, 6].Select(static a => TokenBundle.From(a.DistinctBy(static x => x.Asset)));

    internal static readonly Gen<ulong> Coin = Gen.OneOf(Gen.ULong[0, 30], Gen.ULong[1_000_000, 100_000_000], Gen.ULong[0, 45_000_000_000_000_000]);
    internal static readonly Gen<TxIn> Input = Gen.Select(Hash32, Gen.UShort, static (id, index) => new TxIn(id, index));
    internal static readonly Gen<TxOut> Output = Gen.Select(Address, Coin, Tokens(8), static (a, c, t) => new TxOut(a, new Value(c, t)));
    internal static readonly Gen<ulong> Slot = Gen.ULong[0, 200_000_000];
    internal static readonly Gen<ValidityInterval> Interval = Gen.Select(Gen.Bool, Slot, Gen.Bool, Slot, static (s, start, e, end) => new ValidityInterval(s ? start : null, e ? end : null));

    internal static Gen<NativeScript> Script(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Int[0, 9].Select(static k => NativeScript.Signature(Policy(100 + k))),
            Slot.Select(NativeScript.After),
            Slot.Select(NativeScript.Before));
        if (depth == 0) return leaf;
        var items = Script(depth - 1).Array[0, 4];
        return Gen.OneOf(
            leaf,
            items.Select(static s => NativeScript.All(s)),
            items.Select(static s => NativeScript.Any(s)),
            Gen.Select(Gen.Long[0, 4], items, static (n, s) => NativeScript.AtLeast(n, s)));
    }

    internal static Gen<Metadatum> Metadata(int depth)
    {
        var leaf = Gen.OneOf<Metadatum>(
            Gen.Long.Select(static n => (Metadatum)n),
            Gen.String[0, 20].Where(static s => !s.Any(char.IsSurrogate)).Select(static s => (Metadatum)s),
            Bytes(0, 64).Select(static b => (Metadatum)b));
        if (depth == 0) return leaf;
        var inner = Metadata(depth - 1);
        return Gen.OneOf(
            leaf,
            inner.Array[0, 4].Select(static items => Metadatum.List(items)),
            Gen.Select(leaf, inner, static (k, v) => KeyValuePair.Create(k, v)).Array[0, 4].Select(static m => (Metadatum)new MetadataMap(m.DistinctBy(static e => e.Key).ToArray())));
    }

    internal static readonly Gen<TxBody> Body =
        Gen.Select(
            Input.Array[1, 6].Select(static i => i.Distinct().ToArray()),
            Output.Array[1, 5],
            Coin,
            Interval,
            Mint,
            Gen.Select(Hash28.Array[0, 3].Select(static h => h.Distinct().ToArray()), Input.Array[0, 2].Select(static i => i.Distinct().ToArray()), Gen.Int[0, 2]),
            static (inputs, outputs, fee, validity, mint, rest) => new TxBody
            {
                Inputs = inputs,
                Outputs = outputs,
                Fee = fee,
                Validity = validity,
                Mint = mint,
                RequiredSigners = rest.Item1,
                ReferenceInputs = rest.Item2,
                NetworkId = rest.Item3 == 2 ? null : (CardanoNetwork)rest.Item3,
            });

    internal static readonly Gen<TxEncoding> Encoding = Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, static (s, l, a) => new TxEncoding(s, l, a));

    internal static readonly Gen<SeedPrivateKey> Key = Bytes(32).Select(static b => new SeedPrivateKey(b));

    /// <summary>A whole transaction with metadata, scripts and true signatures; what it spends does not exist.</summary>
    internal static readonly Gen<Transaction> Transaction =
        Gen.Select(Body, Metadata(2).List[0, 1], Script(2).Array[0, 2], Key.Array[0, 3], Encoding, static (body, metadata, scripts, keys, encoding) =>
        {
            var auxiliary = metadata.Count == 0 ? null : AuxiliaryData.Of(721, metadata[0]);
            var unsigned = CardanoRwa.Cardano.Transactions.Transaction.Create(
                new TxBody
                {
                    Inputs = body.Inputs,
                    Outputs = body.Outputs,
                    Fee = body.Fee,
                    Validity = body.Validity,
                    Mint = body.Mint,
                    RequiredSigners = body.RequiredSigners,
                    ReferenceInputs = body.ReferenceInputs,
                    NetworkId = body.NetworkId,
                    AuxiliaryDataHash = auxiliary?.Hash(encoding),
                    TaggedSets = encoding.TagSets,
                },
                new WitnessSet { NativeScripts = scripts.DistinctBy(static s => s.Hash).ToArray() },
                auxiliary,
                encoding);
            return unsigned.AddWitnesses(new WitnessSet { VKeys = [.. keys.Select(k => new VKeyWitness(k.PublicKey, k.Sign(unsigned.Id.Bytes)))] });
        });
}
