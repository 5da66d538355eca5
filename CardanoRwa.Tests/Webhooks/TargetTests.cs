using System.Net;
using CardanoRwa.Core.Webhooks;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Tests.Webhooks;

public sealed class TargetTests
{
    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.255.254", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::1", false)]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2", false)]
    [InlineData("2001:db8::1", false)]
    public void Address_is_public_or_not(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://203.0.114.7/hook", true)]
    [InlineData("https://good.example/hook", true)]
    [InlineData("http://good.example/hook", false)]
    [InlineData("https://user:secret@good.example/", false)]
    [InlineData("https://good.example/#part", false)]
    [InlineData("ftp://good.example/", false)]
    [InlineData("//good.example/", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("https://0x7f.1/", false)]
    [InlineData("https://0177.0.0.1/", false)]
    [InlineData("https://127.1/", false)]
    [InlineData("https://①②⑦.0.0.1/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:127.0.0.1]/", false)]
    [InlineData("https://[::ffff:a9fe:a9fe]/latest/meta-data/", false)]
    [InlineData("https://inside.example/", false)]
    [InlineData("https://mixed.example/", false)]
    [InlineData("https://unknown.example/", false)]
    [InlineData("nonsense", false)]
    public async Task Url_is_taken_only_if_all_it_leads_to_is_public(string url, bool taken)
    {
        var refusal = await Targets(Lookup).CheckAsync(url, CancellationToken.None);

        Assert.Equal(taken ? null : "webhook_url_refused", refusal?.Code);
    }

    [Fact]
    public async Task Name_that_changes_its_mind_after_registration_leads_nowhere()
    {
        await using var receiver = await Receiver.StartAsync();
        var port = new Uri(receiver.Url).Port;
        var asked = 0;
        var targets = Targets((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(asked++ == 0 ? "203.0.114.7" : "127.0.0.1")]));
        Assert.Null(await targets.CheckAsync($"https://rebinding.example:{port}/", CancellationToken.None));
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = targets.ConnectAsync, UseProxy = false });

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => http.PostAsync(new Uri($"http://rebinding.example:{port}/"), null));

        Assert.IsType<TargetRefusedException>(refused.InnerException);
        Assert.Equal(2, asked);
        Assert.Empty(receiver.All);
    }

    private static WebhookTargets Targets(AddressLookup lookup) =>
        new(Options.Create(new WebhookOptions()), new HostingEnvironment { EnvironmentName = "Production" }, lookup);

    private static Task<IPAddress[]> Lookup(string host, CancellationToken cancellationToken) => host switch
    {
        "good.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("203.0.114.7")]),
        "inside.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.5")]),
        "mixed.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("203.0.114.7"), IPAddress.Parse("::ffff:192.168.1.1")]),
        _ => throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound),
    };
}
