using System.Formats.Cbor;
using CardanoRwa.Cardano.Cbor;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;
using CsCheck;

namespace CardanoRwa.Tests.Cardano;

public class CborTests
{
    [Theory] // RFC 8949, appendix A
    [InlineData("0", "00")]
    [InlineData("23", "17")]
    [InlineData("24", "1818")]
    [InlineData("255", "18ff")]
    [InlineData("256", "190100")]
    [InlineData("65536", "1a00010000")]
    [InlineData("1000000000000", "1b000000e8d4a51000")]
    [InlineData("18446744073709551615", "1bffffffffffffffff")]
    [InlineData("-1", "20")]
    [InlineData("-100", "3863")]
    [InlineData("-18446744073709551616", "3bffffffffffffffff")]
    public void Integer_rfc_vector_holds_both_ways(string number, string hex)
    {
        var value = Int128.Parse(number);
        Assert.Equal(hex, Convert.ToHexStringLower(CborEncoder.Encode(value, static (encoder, v) => encoder.WriteInteger(v))));
        Assert.Equal(value, new CborDecoder(Convert.FromHexString(hex)).ReadInteger());
    }

    [Fact]
    public void Encoder_writes_what_the_platform_reads_as_canonical() => Generators.Metadata(3).Sample(static value =>
    {
        var bytes = CborEncoder.Encode(value, MetadataCodec.Write);
        var reader = new CborReader(bytes, CborConformanceMode.Strict);
        reader.SkipValue();
        Assert.Equal(0, reader.BytesRemaining);
        var decoder = new CborDecoder(bytes);
        Assert.Equal(value, MetadataCodec.Read(ref decoder));
    });

    [Fact]
    public void Decoder_accepts_whatever_well_formed_bytes_the_platform_accepts() => Generators.Bytes(1, 24).Sample(static bytes =>
    {
        var mine = WellFormed(() => new CborDecoder(bytes).Skip());
        var theirs = WellFormed(() => new CborReader(bytes, CborConformanceMode.Lax, allowMultipleRootLevelValues: true).SkipValue());

        // The platform also checks what a tag wraps and that text is UTF-8; skipping here does neither.
        if (theirs) Assert.True(mine, Convert.ToHexString(bytes));
    }, iter: 50_000);

    [Theory]
    [InlineData("5f42010243030405ff", "0102030405")]
    [InlineData("5fff", "")]
    public void Indefinite_bytes_are_joined(string hex, string joined) => Assert.Equal(joined, Convert.ToHexStringLower(new CborDecoder(Convert.FromHexString(hex)).ReadBytes()));

    [Theory]
    [InlineData("9bffffffffffffffff")]
    [InlineData("bb7fffffffffffffff")]
    [InlineData("5bffffffffffffffff")]
    [InlineData("7affffffff")]
    [InlineData("9a00ffffff00")]
    public void Length_that_is_not_there_is_refused_before_anything_is_allocated(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CborFormatException>(() => new CborDecoder(bytes).Skip());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        var arrays = Enumerable.Repeat((byte)0x81, 1_000_000).ToArray();
        var tags = Enumerable.Repeat((byte)0xc1, 1_000_000).ToArray();
        var scripts = Enumerable.Range(0, 300_000).SelectMany(static _ => new byte[] { 0x82, 0x01, 0x81 }).ToArray();

        Assert.Throws<CborFormatException>(() => new CborDecoder(arrays).Skip());
        Assert.Throws<CborFormatException>(() => new CborDecoder(tags).Skip());
        Assert.Throws<CborFormatException>(() => NativeScript.Decode(scripts));
        Assert.Throws<CborFormatException>(() => AuxiliaryData.Decode([0xa1, 0x00, .. arrays]));
        Assert.Throws<CborFormatException>(() => PlutusData.Decode([.. Enumerable.Repeat(new byte[] { 0xd8, 0x79, 0x81 }, 100_000).SelectMany(static b => b)]));
    }

    private static bool WellFormed(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (Exception e) when (e is CborFormatException or CborContentException or InvalidOperationException)
        {
            return false;
        }
    }
}
