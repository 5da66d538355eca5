using CardanoRwa.Core.Webhooks;

namespace CardanoRwa.Tests.Webhooks;

public sealed class SignatureTests
{
    private const string Body = """{"id":"1","type":"ping"}""";
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Fact]
    public void Signature_equals_the_one_that_the_documented_recipe_makes() =>
        Assert.Equal("t=1700000000,v1=8c5e503e276b2a76ff06596bdfeb2163303d10dedbb7c2a26dc24bb7bc67365e", WebhookSignature.Sign(["whsec_test"], At, Body)); // by Python's hmac, as docs/api.md shows

    [Theory]
    [InlineData("")]
    [InlineData("t=1700000000")]
    [InlineData("v1=00")]
    [InlineData("t=x,v1=00")]
    [InlineData("t=1700000000,v1=8c5e503e276b2a76ff06596bdfeb2163303d10dedbb7c2a26dc24bb7bc673650")]
    public void Header_that_proves_nothing_is_not_believed(string header) =>
        Assert.False(WebhookSignature.Verify(header, "whsec_test", Body, At, TimeSpan.FromMinutes(5)));
}
