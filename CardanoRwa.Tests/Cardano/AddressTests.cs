using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Hashing;
using CsCheck;

namespace CardanoRwa.Tests.Cardano;

public class AddressTests
{
    // The vectors of CIP-19.
    private const string PaymentKey = "addr_vk1w0l2sr2zgfm26ztc6nl9xy8ghsk5sh6ldwemlpmp9xylzy4dtf7st80zhd";
    private const string StakeKey = "stake_vk1px4j0r2fk7ux5p23shz8f3y5y2qam7s954rgf3lg5merqcj6aetsft99wu";
    private const string ScriptHash = "script1cda3khwqv60360rp5m7akt50m6ttapacs8rqhn5w342z7r35m37";

    private static readonly Credential Payment = Credential.Key(Blake2b.Hash224(Decode(PaymentKey)));
    private static readonly Credential Stake = Credential.Key(Blake2b.Hash224(Decode(StakeKey)));
    private static readonly Credential Script = Credential.Script(new Hash28(Decode(ScriptHash)));

    public static TheoryData<int, CardanoNetwork, string> Vectors => new()
    {
        { 0, CardanoNetwork.Mainnet, "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x" },
        { 1, CardanoNetwork.Mainnet, "addr1z8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs9yc0hh" },
        { 2, CardanoNetwork.Mainnet, "addr1yx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerkr0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shs2z78ve" },
        { 3, CardanoNetwork.Mainnet, "addr1x8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gt7r0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shskhj42g" },
        { 4, CardanoNetwork.Mainnet, "addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k" },
        { 5, CardanoNetwork.Mainnet, "addr128phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtupnz75xxcrtw79hu" },
        { 6, CardanoNetwork.Mainnet, "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8" },
        { 7, CardanoNetwork.Mainnet, "addr1w8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcyjy7wx" },
        { 14, CardanoNetwork.Mainnet, "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw" },
        { 15, CardanoNetwork.Mainnet, "stake178phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcccycj5" },
        { 0, CardanoNetwork.Testnet, "addr_test1qz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs68faae" },
        { 1, CardanoNetwork.Testnet, "addr_test1zrphkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgsxj90mg" },
        { 2, CardanoNetwork.Testnet, "addr_test1yz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerkr0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shsf5r8qx" },
        { 3, CardanoNetwork.Testnet, "addr_test1xrphkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gt7r0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shs4p04xh" },
        { 4, CardanoNetwork.Testnet, "addr_test1gz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrdw5vky" },
        { 5, CardanoNetwork.Testnet, "addr_test12rphkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtupnz75xxcryqrvmw" },
        { 6, CardanoNetwork.Testnet, "addr_test1vz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerspjrlsz" },
        { 7, CardanoNetwork.Testnet, "addr_test1wrphkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcl6szpr" },
        { 14, CardanoNetwork.Testnet, "stake_test1uqehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gssrtvn" },
        { 15, CardanoNetwork.Testnet, "stake_test17rphkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcljw6kf" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Address_cip19_vector_is_read_and_made(int type, CardanoNetwork network, string text)
    {
        var read = Address.Parse(text);

        Assert.Equal((type, network, text), (read.Bytes[0] >> 4, read.Network, read.ToString()));
        var payment = type is 0 or 2 or 4 or 6 ? Payment : Script;
        var (kind, made) = type switch
        {
            0 or 1 => (AddressKind.Base, Address.Base(network, payment, Stake)),
            2 or 3 => (AddressKind.Base, Address.Base(network, payment, Script)),
            4 or 5 => (AddressKind.StakePointer, read),
            6 or 7 => (AddressKind.Enterprise, Address.Enterprise(network, payment)),
            14 => (AddressKind.Stake, Address.StakeOf(network, Stake)),
            _ => (AddressKind.Stake, Address.StakeOf(network, Script)),
        };
        Assert.Equal((kind, made), (read.Kind, read));
        if (type < 8) Assert.Equal(payment, read.Payment);
    }

    [Theory]
    [InlineData("Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi", CardanoNetwork.Mainnet)]
    [InlineData("37btjrVyb4KEB2STADSsj3MYSAdj52X5FrFWpw2r7Wmj2GDzXjFRsHWuZqrw7zSkwopv8Ci3VWeg6bisU9dgJxW5hb2MZYeduNKbQJrqz3zVBsu9nT", CardanoNetwork.Testnet)]
    public void Byron_address_is_recognised_and_passed_through(string text, CardanoNetwork network)
    {
        var address = Address.Parse(text);

        Assert.Equal((AddressKind.Byron, network, text), (address.Kind, address.Network, address.ToString()));
        Assert.True(address.ByronAttributesSize <= 64);
        Assert.False(Address.TryParse(text[..^1] + (text[^1] == 'i' ? 'j' : 'i'), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("addr1")]
    [InlineData("addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3y")]
    [InlineData("stake1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8")]
    [InlineData("addr1Vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8")]
    [InlineData("addr_vk1w0l2sr2zgfm26ztc6nl9xy8ghsk5sh6ldwemlpmp9xylzy4dtf7st80zhd")]
    public void Text_that_is_no_address_is_refused(string text) => Assert.False(Address.TryParse(text, out _));

    [Fact]
    public async Task Addresses_equal_those_of_an_independent_implementation()
    {
        var addresses = Generators.Address.Array[1000].Single();

        var answers = await CslOracle.AskAsync(addresses.Select(static a => new { op = "address", hex = Convert.ToHexStringLower(a.Bytes) }));

        foreach (var (address, answer) in addresses.Zip(answers)) Assert.Equal((address.ToString(), (int)address.Network), ((string?)answer["bech32"], (int)answer["network"]!));
    }

    [Fact]
    public void Address_round_trips_and_no_bytes_break_the_reader() => Gen.OneOf(Generators.Address.Select(static a => a.Bytes.ToArray()), Generators.Bytes(0, 80)).Sample(static bytes =>
    {
        if (!Address.TryFromBytes(bytes, out var address)) return;
        Assert.Equal(bytes, address.Bytes.ToArray());
        Assert.Equal(address, Address.Parse(address.ToString()));
    }, iter: 5000);

    private static byte[] Decode(string bech32) => Bech32.TryDecode(bech32, out _, out var data) ? data : throw new FormatException(bech32);
}
