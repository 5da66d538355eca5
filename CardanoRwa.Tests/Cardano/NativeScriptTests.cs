using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Scripts;
using CsCheck;

namespace CardanoRwa.Tests.Cardano;

public class NativeScriptTests
{
    private static readonly Hash28 Key = Hash28.Parse("966e394a544f242081e41d1965137b1bb412ac230d40ed5407821c37");
    private static readonly HashSet<Hash28> None = [];

    [Fact]
    public void Script_golden_bytes_and_policy_id()
    {
        // The policy of CIP-25's and the ledger documentation's kind: one key, before a slot.
        var script = NativeScript.All(NativeScript.Before(1000), NativeScript.Signature(Key));

        Assert.Equal("8201828205" + "1903e8" + "8200581c966e394a544f242081e41d1965137b1bb412ac230d40ed5407821c37", Convert.ToHexStringLower(script.Bytes));
        Assert.Equal(Blake2b.Hash224([0, .. script.Bytes]), script.Hash);
    }

    [Theory]
    [InlineData(null, null, false, false)]
    [InlineData(99, 201, false, false)]
    [InlineData(100, 200, true, true)]
    [InlineData(101, 199, true, true)]
    [InlineData(99, 200, false, true)]
    [InlineData(100, 201, true, false)]
    [InlineData(100, null, true, false)]
    [InlineData(null, 200, false, true)]
    public void Time_locks_see_the_interval_and_not_the_slot(int? start, int? end, bool after, bool before)
    {
        var interval = new ValidityInterval((ulong?)start, (ulong?)end);
        Assert.Equal(after, NativeScript.After(100).Evaluate(interval, None));
        Assert.Equal(before, NativeScript.Before(200).Evaluate(interval, None));
    }

    [Fact]
    public void Empty_lists_follow_the_ledger()
    {
        Assert.True(NativeScript.All([]).Evaluate(default, None));
        Assert.False(NativeScript.Any([]).Evaluate(default, None));
        Assert.True(NativeScript.AtLeast(0, []).Evaluate(default, None));
        Assert.True(NativeScript.AtLeast(-1, []).Evaluate(default, None));
        Assert.False(NativeScript.AtLeast(1, []).Evaluate(default, None));
    }

    [Fact]
    public void Scripts_round_trip_in_cbor_and_json() => Generators.Script(3).Sample(static script =>
    {
        Assert.Equal(script, NativeScript.Decode(script.Bytes));
        Assert.Equal(script.Hash, NativeScript.ParseJson(script.ToJson()).Hash);
    });

    [Fact]
    public void Required_interval_is_needed_by_whatever_satisfies_the_script() => Gen.Select(Generators.Script(3), Generators.Interval).Sample(static (script, interval) =>
    {
        var everyone = script.KeyHashes.ToHashSet();
        if (!script.Evaluate(interval, everyone)) return;
        var required = script.RequiredInterval;
        Assert.True(required.InvalidBefore is null || interval.InvalidBefore >= required.InvalidBefore);
        Assert.True(required.InvalidHereafter is null || interval.InvalidHereafter <= required.InvalidHereafter);
    });

    [Fact]
    public async Task Script_hashes_equal_those_of_an_independent_implementation()
    {
        var scripts = Generators.Script(3).Array[1000].Single();

        var answers = await CslOracle.AskAsync(scripts.Select(static s => new { op = "script", cbor = Convert.ToHexStringLower(s.Bytes) }));

        foreach (var (script, answer) in scripts.Zip(answers)) Assert.Equal(script.Hash.ToString(), (string?)answer["hash"]);
    }

    [Fact]
    public void Script_written_another_way_keeps_its_own_hash()
    {
        // The same 'before 5', its slot in two bytes and its list without a length.
        var odd = NativeScript.Decode([0x9f, 0x05, 0x18, 0x05, 0xff]);
        Assert.Equal(Blake2b.Hash224([0, 0x9f, 0x05, 0x18, 0x05, 0xff]), odd.Hash);
        Assert.NotEqual(NativeScript.Before(5).Hash, odd.Hash);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"type":"sig","keyHash":"00"}""")]
    [InlineData("""{"type":"all"}""")]
    [InlineData("""{"type":"after","slot":-1}""")]
    [InlineData("""{"type":"never"}""")]
    [InlineData("[")]
    public void Json_that_is_no_script_is_refused(string json) => Assert.Throws<FormatException>(() => NativeScript.ParseJson(json));
}
