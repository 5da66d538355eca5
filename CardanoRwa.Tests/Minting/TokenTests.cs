using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Core;
using CardanoRwa.Core.Minting;
using CardanoRwa.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Minting;

/// <summary>What a token promises is said in words, and stands once somebody may rely on it.</summary>
[Collection(MintCollection.Name)]
public sealed class TokenTests(GraphFixture graph)
{
    [Fact]
    public async Task Policy_is_explained_in_words_and_stands_from_the_first_mint_on()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var asset = (await lab.AddAssetsAsync(1))[0];
        var (alice, bob) = (new string('a', 56), new string('b', 56));
        var now = TimeProvider.System.GetUtcNow();
        var plain = new PutToken("plain", AssetName: "T", MaxSupply: 10);

        var council = (await PutAsync(plain with { Policy = new PolicyInput(["default", alice, bob], 2, now.AddDays(1), now.AddDays(9)) })).Value!;
        Assert.True(council.SignedElsewhere);
        Assert.Collection(
            council.Statements,
            s => Assert.Matches($"^Every mint and every burn needs 2 of these 3: .*'default'.*{alice}, kept elsewhere.*{bob}, kept elsewhere", s),
            s => Assert.Matches($"^Before slot {Lock<RequireAfter>(l => l.Slot)} \\({now.AddDays(1):yyyy-MM-dd} ..:..:.. UTC\\) nobody can mint or burn\\.$", s),
            s => Assert.Matches($"^From slot {Lock<RequireBefore>(l => l.Slot)} \\({now.AddDays(9):yyyy-MM-dd} ..:..:.. UTC\\) on nobody can ever mint or burn again: the supply is then fixed\\.$", s),
            s => Assert.Contains("holders can transfer the token freely", s, StringComparison.Ordinal));
        var simple = (await PutAsync(plain)).Value!;
        Assert.False(simple.SignedElsewhere);
        Assert.NotEqual(council.PolicyId, simple.PolicyId);

        await lab.MintAsync(asset, 4, "first");
        foreach (var (changed, code) in new[]
        {
            (plain with { Policy = new PolicyInput([alice]) }, "token_frozen"), (plain with { AssetName = "U" }, "token_frozen"), (plain with { Standard = "cip25", Image = "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy" }, "token_frozen"),
            (plain with { MaxSupply = 11 }, "cap_cannot_rise"), (plain with { MaxSupply = null }, "cap_cannot_rise"), (plain with { MaxSupply = 3 }, "cap_cannot_rise"),
        })
        {
            Assert.Equal(code, (await PutAsync(changed)).Refusal?.Code);
        }
        Assert.Equal(4, (await PutAsync(plain with { MaxSupply = 4, RequiresApproval = true })).Value!.MaxSupply);

        Task<Result<TokenView>> PutAsync(PutToken token) => lab.WriteAsync(async (services, stamp, stop) =>
            (await services.GetRequiredService<TokenDesk>().PutAsync(asset, token, stamp, stop)).IsRefused(out var refusal, out var put) ? refusal : (Result<TokenView>)TokenView.Of(put.Token, put.Wallet));

        ulong Lock<T>(Func<T, ulong> slot) where T : NativeScript => slot(((RequireAll)NativeScript.Decode(Convert.FromHexString(council.ScriptCbor))).Scripts.OfType<T>().Single());
    }
}
