using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Cbor;
using CsCheck;

namespace CardanoRwa.Tests.Cardano;

public class AssetTests
{
    [Theory] // CIP-14
    [InlineData("7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373", "", "asset1rjklcrnsdzqp65wjgrg55sy9723kw09mlgvlc3")]
    [InlineData("7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc37e", "", "asset1nl0puwxmhas8fawxp8nx4e2q3wekg969n2auw3")]
    [InlineData("1e349c9bdea19fd6c147626a5260bc44b71635f398b67c59881df209", "", "asset1uyuxku60yqe57nusqzjx38aan3f2wq6s93f6ea")]
    [InlineData("7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373", "504154415445", "asset13n25uv0yaf5kus35fm2k86cqy60z58d9xmde92")]
    [InlineData("1e349c9bdea19fd6c147626a5260bc44b71635f398b67c59881df209", "504154415445", "asset1hv4p5tv2a837mzqrst04d0dcptdjmluqvdx9k3")]
    [InlineData("1e349c9bdea19fd6c147626a5260bc44b71635f398b67c59881df209", "7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373", "asset1aqrdypg669jgazruv5ah07nuyqe0wxjhe2el6f")]
    [InlineData("7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373", "1e349c9bdea19fd6c147626a5260bc44b71635f398b67c59881df209", "asset17jd78wukhtrnmjh3fngzasxm8rck0l2r4hhyyt")]
    [InlineData("7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373", "0000000000000000000000000000000000000000000000000000000000000000", "asset1pkpwyknlvul7az0xx8czhl60pyel45rpje4z8w")]
    public void Fingerprint_cip14_vector_holds(string policy, string name, string fingerprint)
    {
        var asset = AssetId.Parse(policy + name);
        Assert.Equal(fingerprint, asset.Fingerprint);
        Assert.Equal(policy + name, asset.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc3")]
    [InlineData("7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc3731")]
    [InlineData("zeae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373")]
    [InlineData("7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373000000000000000000000000000000000000000000000000000000000000000000")]
    public void Unit_that_is_none_is_refused(string unit) => Assert.False(AssetId.TryParse(unit, out _));

    [Fact]
    public void Bundles_add_and_subtract_like_numbers() => Gen.Select(Generators.Tokens(10), Generators.Tokens(10), Generators.Tokens(10)).Sample(static (a, b, c) =>
    {
        Assert.Equal(a + b, b + a);
        Assert.Equal((a + b) + c, a + (b + c));
        Assert.Equal(a, a + b - b);
        Assert.Equal(TokenBundle.Empty, a - a);
        Assert.All(a + b, entry => Assert.Equal(entry.Quantity, a.QuantityOf(entry.Asset) + b.QuantityOf(entry.Asset)));
        Assert.Equal((a + b).OrderBy(static e => e.Asset), a + b);
    });

    [Fact]
    public void Value_round_trips_in_canonical_form() => Gen.Select(Generators.Coin, Generators.Tokens(12)).Sample(static (coin, tokens) =>
    {
        var value = new Value(coin, tokens);
        var bytes = CborEncoder.Encode(value, ValueCodec.Write);
        var reader = new CborDecoder(bytes);
        Assert.Equal(value, ValueCodec.Read(ref reader));
        Assert.Equal(bytes.Length, ValueCodec.Size(value));
    });

    [Theory]
    [InlineData("821a000f4240a1581c7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373a0", "no assets")]
    [InlineData("821a000f4240a1581c7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373a14000", "Quantity 0")]
    [InlineData("821a000f4240a1581c7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373a14020", "Quantity -1")]
    [InlineData("821a000f4240a1581c7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373a240014001", "twice")]
    [InlineData("821a000f4240a2581c7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373a14001581c7eae28af2208be856f7a119668ae52a49b73725e326dc16579dcc373a1410001", "twice")]
    public void Value_the_ledger_refuses_is_refused(string hex, string why) => Assert.Contains(why, Assert.Throws<CborFormatException>(() =>
    {
        var reader = new CborDecoder(Convert.FromHexString(hex));
        ValueCodec.Read(ref reader);
    }).Message, StringComparison.Ordinal);
}
