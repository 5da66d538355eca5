using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Metadata;
using CsCheck;

namespace CardanoRwa.Tests.Cardano;

public class MetadataTests
{
    private static readonly AssetId Asset = new(Generators.Policy(1), AssetName.FromText("Deed 1"));
    private const string Image = "ipfs://QmbQDvKJeo2NgGcGdnUiUFibTzuKNK5Uij7jzmK8ZccmWp";

    [Theory] // CIP-67
    [InlineData(0, "00000000")]
    [InlineData(1, "00001070")]
    [InlineData(23, "00017650")]
    [InlineData(99, "000632e0")]
    [InlineData(533, "00215410")]
    [InlineData(2000, "007d0550")]
    [InlineData(4567, "011d7690")]
    [InlineData(11111, "02b670b0")]
    [InlineData(49328, "0c0b0f40")]
    [InlineData(65535, "0ffff240")]
    [InlineData(AssetLabel.Reference, "000643b0")]
    [InlineData(AssetLabel.NonFungible, "000de140")]
    [InlineData(AssetLabel.Fungible, "0014df10")]
    [InlineData(AssetLabel.RichFungible, "001bc280")]
    public void Label_cip67_vector_holds_both_ways(int label, string hex)
    {
        Assert.Equal(hex, AssetLabel.Apply((ushort)label, []).ToString());
        Assert.True(AssetLabel.TryRead(AssetName.Parse(hex), out var read));
        Assert.Equal(label, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("000643")]
    [InlineData("000643c0")]
    [InlineData("100643b0")]
    [InlineData("000643b1")]
    public void Name_without_a_label_is_told_apart(string hex) => Assert.False(AssetLabel.TryRead(AssetName.Parse(hex), out _));

    [Fact]
    public void Reference_and_user_token_share_their_content()
    {
        var (reference, user) = Cip68.Names(AssetLabel.NonFungible, "GiveYouUp"u8);
        Assert.Equal(("000643b047697665596f755570", "000de14047697665596f755570"), (reference.ToString(), user.ToString()));
        Assert.Equal(reference, AssetLabel.Relabel(user, AssetLabel.Reference));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Cip25_map_is_found_again_by_policy_and_name(int version)
    {
        var details = Cip25.Details("Deed 1", Image);
        var map = Cip25.Build([KeyValuePair.Create(Asset, details)], version);
        Assert.Equal(details, Cip25.Find(new Dictionary<ulong, Metadatum> { [Cip25.Label] = map }, Asset));
    }

    [Fact]
    public void Cip25_versions_write_text_keys_and_byte_keys()
    {
        var details = new[] { KeyValuePair.Create(Asset, Cip25.Details("Deed 1", Image)) };
        Assert.Equal($$$$"""{"{{{{Asset.Policy}}}}":{"Deed 1":{"name":"Deed 1","image":"{{{{Image}}}}"}}}""", MetadataJson.Format(Cip25.Build(details, 1)));
        Assert.Equal($$$$"""{"0x{{{{Asset.Policy}}}}":{"0x{{{{Asset.Name}}}}":{"name":"Deed 1","image":"{{{{Image}}}}"}},"version":2}""", MetadataJson.Format(Cip25.Build(details, 2)));
    }

    [Fact]
    public void Cip25_version_1_refuses_a_name_that_is_not_text() =>
        Assert.Throws<ArgumentException>(() => Cip25.Build([KeyValuePair.Create(new AssetId(Asset.Policy, AssetName.Parse("ff")), Cip25.Details("x", Image))], 1));

    [Theory]
    [InlineData("", Image, "name")]
    [InlineData("Deed", "QmbQDvKJeo2NgGcGdnUiUFibTzuKNK5Uij7jzmK8ZccmWp", "scheme")]
    [InlineData("Deed", "cardano.org/favicon-32x32.png", "scheme")]
    public void Cip25_details_that_break_the_standard_are_told(string name, string image, string why) => Assert.Contains(why, Cip25.FindFault(Cip25.Details(name, image)), StringComparison.Ordinal);

    [Fact]
    public void Text_over_64_bytes_is_told_with_its_path_and_its_bytes()
    {
        // 33 characters, 66 bytes.
        var metadata = new Dictionary<ulong, Metadatum> { [674] = Metadatum.Map(("msg", Metadatum.List("fine", new string('é', 33)))) };
        Assert.StartsWith("674.msg[1]: text of 66 bytes", MetadataRules.FindFault(metadata), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_text_is_split_into_pieces_that_join_to_itself() => Gen.String[0, 400].Where(static s => s.EnumerateRunes().All(static r => r.Value != 0xfffd)).Sample(static text =>
    {
        var split = MetadataRules.Split(text);
        Assert.Null(MetadataRules.FindFault(split));
        Assert.Equal(text, Cip25.Join(split));
    });

    [Fact]
    public void Metadata_survives_json_where_json_can_say_it()
    {
        const string Json = """{"1":"text","name":["a",-5,18446744073709551615],"raw":"0x00ff","nested":{"k":{}}}""";
        Assert.Equal(Json, MetadataJson.Format(MetadataJson.Parse(Json)));
    }

    [Theory]
    [InlineData("""{"a":{"b":[1,null]}}""", "$.a.b[1]")]
    [InlineData("""{"a":1.5}""", "$.a")]
    [InlineData("""[true]""", "$[0]")]
    public void Json_that_metadata_cannot_say_is_refused_with_its_path(string json, string path) => Assert.StartsWith(path, Assert.Throws<FormatException>(() => MetadataJson.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Cip68_datum_golden_bytes()
    {
        // The CIP's own example: name "SpaceBud", image "ipfs://test"; version 1, nothing extra.
        var datum = Cip68.Datum(AssetLabel.NonFungible, Cip25.Details("SpaceBud", "ipfs://test"), version: 1);

        Assert.Equal("d8799fa2446e616d65485370616365427564" + "45696d6167654b697066733a2f2f74657374" + "01d87980ff", Convert.ToHexStringLower(datum.Encode()));
        Assert.Equal(1, Cip68.Read(PlutusData.Decode(datum.Encode()))!.Value.Version);
    }

    [Theory]
    [InlineData(AssetLabel.Fungible, "description")]
    [InlineData(AssetLabel.NonFungible, "image")]
    [InlineData(AssetLabel.RichFungible, "image")]
    [InlineData(AssetLabel.Reference, "not a user token")]
    public void Cip68_tells_what_its_class_requires(ushort label, string lacking) =>
        Assert.Contains(lacking, Cip68.FindFault(label, Metadatum.Map(("name", "Deed"))), StringComparison.Ordinal);

    [Fact]
    public void Plutus_data_round_trips_with_long_strings_in_chunks_and_numbers_of_any_size()
    {
        var number = System.Numerics.BigInteger.Pow(2, 700);
        var data = new PlutusConstructor(200, [new PlutusBytes(new byte[200]), new PlutusInteger(number), new PlutusInteger(-number), new PlutusList([PlutusData.Unit, new PlutusConstructor(9, [])])]);
        Assert.Equal(data, PlutusData.Decode(data.Encode()));
    }
}
