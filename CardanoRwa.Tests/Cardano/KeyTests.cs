using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Cbor;
using CardanoRwa.Cardano.Keys;
using CsCheck;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace CardanoRwa.Tests.Cardano;

public class KeyTests
{
    private const string Phrase = "eight country switch draw meat scout mystery blade tip drift useless good keep usage title";

    public static TheoryData<string, string, string> Bip39Vectors
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var vector in JsonDocument.Parse(File.ReadAllText(TestFiles.PathOf("vectors", "bip39.json"))).RootElement.GetProperty("english").EnumerateArray())
                data.Add(vector[0].GetString()!, vector[1].GetString()!, vector[2].GetString()!);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Bip39Vectors))]
    public void Mnemonic_bip39_vector_holds_both_ways(string entropy, string phrase, string seed)
    {
        using var read = Mnemonic.Parse(phrase);
        using var made = Mnemonic.FromEntropy(Convert.FromHexString(entropy));

        Assert.Equal(entropy, Convert.ToHexStringLower(read.Entropy));
        Assert.Equal(phrase, made.ToPhrase());
        Assert.Equal(seed, Convert.ToHexStringLower(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(made.ToPhrase()), "mnemonicTREZOR"u8, 2048, HashAlgorithmName.SHA512, 64)));
    }

    [Theory]
    [InlineData("", "c065afd2832cd8b087c4d9ab7011f481ee1e0721e78ea5dd609f3ab3f156d245d176bd8fd4ec60b4731c3918a2a72a0226c0cd119ec35b47e4d55884667f552a23f7fdcd4a10c6cd2c7393ac61d877873e248f417634aa3d812af327ffe9d620")]
    [InlineData("foo", "70531039904019351e1afb361cd1b312a4d0565d4ff9f8062d38acf4b15cce41d7b5738d9c893feea55512a3004acb0d222c35d3e3d5cde943a15a9824cbac59443cf67e589614076ba01e354b1a432e0e6db3b59e37fc56b5fb0222970a010e")]
    public void Master_key_cip3_icarus_vector_holds(string passphrase, string expected)
    {
        using var mnemonic = Mnemonic.Parse(Phrase);
        using var root = ExtendedPrivateKey.FromMnemonic(mnemonic, passphrase);

        Assert.Equal(expected, Convert.ToHexStringLower(KeyVectors.Export(root)));
    }

    [Theory]
    [InlineData("eight country switch draw meat scout mystery blade tip drift useless good keep usage", "14")]
    [InlineData("eight country switch draw meat scout mystery blade tip drift useless good keep usage titles", "Word 15")]
    [InlineData("country eight switch draw meat scout mystery blade tip drift useless good keep usage title", "checksum")]
    public void Mnemonic_with_a_slip_is_refused_with_its_place(string phrase, string told) => Assert.Contains(told, Assert.Throws<FormatException>(() => Mnemonic.Parse(phrase)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Keys_and_signatures_equal_those_of_an_independent_implementation()
    {
        var cases = Gen.Select(Gen.Int[0, 4].Select(static i => 16 + 4 * i).SelectMany(static n => Generators.Bytes(n)), Gen.Int[0, 2].Select(static i => new[] { "", "foo", "påss" }[i]), Path, Generators.Bytes(0, 200)).Array[150].Single();

        var answers = await CslOracle.AskAsync(cases.Select(static c => new
        {
            op = "key",
            entropy = Convert.ToHexStringLower(c.Item1),
            passphrase = c.Item2,
            path = c.Item3,
            message = Convert.ToHexStringLower(c.Item4),
        }));

        foreach (var ((entropy, passphrase, path, message), answer) in cases.Zip(answers))
        {
            using var mnemonic = Mnemonic.FromEntropy(entropy);
            using var root = ExtendedPrivateKey.FromMnemonic(mnemonic, passphrase);
            using var key = root.Derive(new DerivationPath(path));
            Assert.Equal((string?)answer["private"], Convert.ToHexStringLower(KeyVectors.Export(key)));
            Assert.Equal((string?)answer["public"], Convert.ToHexStringLower(key.ExtendedPublicKey.ToArray()));
            Assert.Equal((string?)answer["hash"], key.PublicKey.Hash.ToString());
            Assert.Equal((string?)answer["signature"], key.Sign(message).ToString());
        }
    }

    [Fact]
    public async Task Soft_public_derivation_equals_an_independent_implementation()
    {
        var cases = Gen.Select(Generators.Bytes(32), Gen.UInt[0, DerivationPath.Hardened - 1]).Array[200].Single().Select(static c => (Key: KeyVectors.Extended(c.Item1).ExtendedPublicKey, Index: c.Item2)).ToList();

        var answers = await CslOracle.AskAsync(cases.Select(static c => new { op = "soft", xpub = Convert.ToHexStringLower(c.Key.ToArray()), index = c.Index }));

        foreach (var ((key, index), answer) in cases.Zip(answers)) Assert.Equal((string?)answer["xpub"], Convert.ToHexStringLower(key.Derive(index).ToArray()));
    }

    [Fact]
    public void Soft_public_derivation_meets_private_derivation() => Gen.Select(Generators.Bytes(32), Gen.UInt[0, DerivationPath.Hardened - 1]).Sample(static (entropy, index) =>
    {
        using var parent = KeyVectors.Extended(entropy);
        using var child = parent.Derive(index);
        Assert.Equal(child.ExtendedPublicKey, parent.ExtendedPublicKey.Derive(index));
    }, iter: 50);

    [Fact]
    public void Signatures_verify_elsewhere_and_fail_when_anything_changes() => Gen.Select(Generators.Bytes(32), Generators.Bytes(1, 300), Gen.Int[0, 511]).Sample(static (entropy, message, bit) =>
    {
        using var key = KeyVectors.Extended(entropy);
        var signature = key.Sign(message);
        Assert.True(key.PublicKey.Verify(message, signature));
        Assert.True(Ed25519.Verify(signature.Bytes.ToArray(), 0, key.PublicKey.Bytes.ToArray(), 0, message, 0, message.Length));
        var flipped = signature.Bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        Assert.False(key.PublicKey.Verify(message, new Ed25519Signature(flipped)));
        message[bit % message.Length] ^= 1;
        Assert.False(key.PublicKey.Verify(message, signature));
    }, iter: 100);

    [Fact]
    public void Signature_of_extended_key_equals_the_formula_in_big_integers()
    {
        var order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493");
        using var key = KeyVectors.Extended(new byte[32]);
        var raw = KeyVectors.Export(key);
        var message = "formula"u8.ToArray();

        BigInteger Number(ReadOnlySpan<byte> little) => new(little, isUnsigned: true);
        var signature = key.Sign(message).Bytes.ToArray();
        var r = Number(SHA512.HashData([.. raw[32..64], .. message])) % order;
        var k = Number(SHA512.HashData([.. signature[..32], .. key.PublicKey.Bytes, .. message])) % order;

        Assert.Equal((k * Number(raw.AsSpan(0, 32)) + r) % order, Number(signature.AsSpan(32)));
    }

    [Fact]
    public void Keys_are_zeroed_when_disposed()
    {
        var key = KeyVectors.Extended(new byte[32]);
        key.Dispose();
        Assert.All(KeyVectors.Export(key), static b => Assert.Equal(0, b));
        var mnemonic = Mnemonic.Parse(Phrase);
        mnemonic.Dispose();
        Assert.All(mnemonic.Entropy.ToArray(), static b => Assert.Equal(0, b));
    }

    [Fact]
    public void Path_text_round_trips()
    {
        Assert.Equal("m/1852'/1815'/3'/0/7", DerivationPath.Payment(3, 7).ToString());
        Assert.Equal("m/1855'/1815'/2'", DerivationPath.Policy(2).ToString());
        Assert.Equal(DerivationPath.Stake(1).Indexes, DerivationPath.Parse("m/1852H/1815H/1H/2/0").Indexes);
        Assert.Throws<FormatException>(static () => DerivationPath.Parse("m/1852'/x"));
    }

    [Fact]
    public void Signed_message_proves_its_address_its_payload_and_nothing_else()
    {
        using var key = KeyVectors.Extended(new byte[32]);
        using var other = KeyVectors.Extended([.. Enumerable.Repeat((byte)1, 32)]);
        var address = Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(key.PublicKey.Hash));
        var theirs = Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(other.PublicKey.Hash));
        var signed = SignedMessage.Decode(SignedMessage.Sign(key, address, "login 42"u8));

        Assert.True(signed.Verify(CoseKey(key.PublicKey), address, "login 42"u8));
        Assert.False(signed.Verify(CoseKey(key.PublicKey), address, "login 43"u8));
        Assert.False(signed.Verify(CoseKey(other.PublicKey), address, "login 42"u8));
        Assert.False(SignedMessage.Decode(SignedMessage.Sign(key, theirs, "login 42"u8)).Verify(key.PublicKey));
    }

    [Fact]
    public void Cardano_cli_files_give_their_keys_and_transactions()
    {
        using var extended = KeyVectors.Extended(new byte[32]);
        var raw = KeyVectors.Export(extended);
        var ordinary = TextEnvelope.Parse($$"""{"type":"PaymentSigningKeyShelley_ed25519","description":"","cborHex":"5820{{new string('1', 64)}}"}""");
        var cli = TextEnvelope.Parse($$"""{"type":"PaymentExtendedSigningKeyShelley_ed25519_bip32","description":"","cborHex":"5880{{Convert.ToHexString([.. raw[..64], .. extended.PublicKey.Bytes, .. raw[64..]])}}"}""");
        var transaction = Generators.Transaction.Single();

        Assert.Equal(new SeedPrivateKey([.. Enumerable.Repeat((byte)0x11, 32)]).PublicKey, ordinary.ToSigner().PublicKey);
        Assert.Equal(extended.Sign([1]), cli.ToSigner().Sign([1]));
        Assert.Equal(transaction.Id, TextEnvelope.Parse(TextEnvelope.Of(transaction).ToJson()).ToTransaction().Id);
        Assert.Throws<FormatException>(() => ordinary.ToTransaction());
    }

    private static readonly Gen<uint[]> Path = Gen.OneOf(
        Gen.Select(Gen.UInt[0, 5], Gen.UInt[0, 100]).Select(static (a, i) => DerivationPath.Payment(a, i).Indexes.ToArray()),
        Gen.UInt[0, 9].Select(static i => DerivationPath.Policy(i).Indexes.ToArray()),
        Gen.UInt[0, 9].Select(static a => DerivationPath.Stake(a).Indexes.ToArray()),
        Gen.UInt.Array[0, 5]);

    private static byte[] CoseKey(PublicKey key)
    {
        using var encoder = CborEncoder.Rent();
        encoder.WriteMap(4);
        foreach (var (label, value) in new (int, int)[] { (1, 1), (3, -8), (-1, 6) })
        {
            encoder.WriteInteger(label);
            encoder.WriteInteger(value);
        }

        encoder.WriteInteger(-2);
        encoder.WriteBytes(key.Bytes);
        return encoder.Written.ToArray();
    }
}
