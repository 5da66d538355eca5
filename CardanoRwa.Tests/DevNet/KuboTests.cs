using System.Text.Json.Nodes;

namespace CardanoRwa.Tests.DevNet;

public sealed class KuboTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kubo-").FullName;

    [Fact]
    public async Task Cids_equal_those_of_an_independent_importer()
    {
        int[] sizes = [0, 1, 100, 262_143, 262_144, 262_145, 262_144 * 174, (262_144 * 174) + 1, 50 << 20];
        await using var devNet = await DevNetHost.StartAsync();
        var files = sizes.Select((size, i) => Write($"{i}", size)).ToList();
        var cases = files.Select(static f => (File: f, Version: 1)).Concat(files.Take(6).Select(static f => (File: f, Version: 0))).ToList();

        var expected = await DevNetOracle.AskAsync(cases.Select(static c => new { op = "cid", file = c.File, version = c.Version, rawLeaves = c.Version == 1 }));

        foreach (var ((file, version), answer) in cases.Zip(expected))
        {
            Assert.True(answer["error"] is null, (string?)answer["error"]);
            await using var content = File.OpenRead(file);
            var added = await AddAsync(devNet, content, $"add?cid-version={version}&only-hash={(version == 0 ? "true" : "false")}");
            Assert.Equal((string?)answer["cid"], (string?)added["Hash"]);
        }
    }

    [Fact]
    public async Task Content_comes_back_whole_and_in_part()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var file = Write("whole", 1_000_000);
        var bytes = await File.ReadAllBytesAsync(file);
        var cid = (string)(await AddAsync(devNet, new MemoryStream(bytes), "add?cid-version=1"))["Hash"]!;

        Assert.Equal(bytes, await PostAsync(devNet, $"cat?arg={cid}"));
        Assert.Equal(bytes, await PostAsync(devNet, $"cat?arg=/ipfs/{cid}"));
        Assert.Equal(bytes[262_000..262_500], await PostAsync(devNet, $"cat?arg={cid}&offset=262000&length=500"));
        Assert.Equal(bytes[999_990..], await PostAsync(devNet, $"cat?arg={cid}&offset=999990&length=500"));
    }

    [Fact]
    public async Task Pins_are_added_listed_and_removed()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var added = await AddAsync(devNet, new MemoryStream("hello world"u8.ToArray()), "add?cid-version=1&pin=false");
        var cid = (string)added["Hash"]!;

        Assert.Equal(("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", "11", "file.bin"), (cid, (string)added["Size"]!, (string)added["Name"]!));
        Assert.Equal(500, (await ErrorAsync(devNet, $"pin/ls?arg={cid}")).Status);
        Assert.Equal(cid, (string?)JsonNode.Parse(await PostAsync(devNet, $"pin/add?arg={cid}"))!["Pins"]![0]);
        Assert.Equal("recursive", (string?)JsonNode.Parse(await PostAsync(devNet, $"pin/ls?arg={cid}"))!["Keys"]![cid]!["Type"]);
        Assert.Equal(11, (int)JsonNode.Parse(await PostAsync(devNet, $"block/stat?arg={cid}"))!["Size"]!);
        Assert.Equal(cid, (string?)JsonNode.Parse(await PostAsync(devNet, $"pin/rm?arg={cid}"))!["Pins"]![0]);
        Assert.Equal((500, "not pinned or pinned indirectly"), await ErrorAsync(devNet, $"pin/rm?arg={cid}"));
        Assert.NotNull(JsonNode.Parse(await PostAsync(devNet, "version"))!["Version"]);
    }

    [Fact]
    public async Task Unknown_and_malformed_cids_are_errors_and_commands_are_posts()
    {
        await using var devNet = await DevNetHost.StartAsync();

        Assert.Equal(500, (await ErrorAsync(devNet, "cat?arg=bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e")).Status);
        Assert.Equal(500, (await ErrorAsync(devNet, "cat?arg=nonsense")).Status);
        Assert.Equal(400, (await ErrorAsync(devNet, "cat")).Status);
        Assert.Equal(405, await devNet.StatusAsync("/api/v0/version"));
    }

    [Fact]
    public async Task Blocks_and_pins_outlive_a_restart_where_data_is_kept()
    {
        var settings = ("DataFolder", (string?)Path.Combine(folder, "data"));
        string cid;
        await using (var devNet = await DevNetHost.StartAsync(null, settings)) cid = (string)(await AddAsync(devNet, new MemoryStream(new byte[300_000]), "add?cid-version=1"))["Hash"]!;

        await using var again = await DevNetHost.StartAsync(null, settings);

        Assert.Equal(new byte[300_000], await PostAsync(again, $"cat?arg={cid}"));
        Assert.Equal("recursive", (string?)JsonNode.Parse(await PostAsync(again, $"pin/ls?arg={cid}"))!["Keys"]![cid]!["Type"]);
    }

    [Fact]
    public async Task Blockfrosts_ipfs_names_the_same_files_in_version_0()
    {
        await using var devNet = await DevNetHost.StartAsync();
        using var form = Form(new MemoryStream("hello world"u8.ToArray()));
        using var response = await devNet.Client.PostAsync("/ipfs/add", form);
        var added = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        var cid = (string)added["ipfs_hash"]!;

        Assert.Equal("Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD", cid);
        using var pinned = await devNet.Client.PostAsync($"/ipfs/pin/add/{cid}", null);
        Assert.Equal("pinned", (string?)JsonNode.Parse(await pinned.Content.ReadAsStringAsync())!["state"]);
        Assert.Equal("hello world", await devNet.Client.GetStringAsync($"/ipfs/gateway/{cid}"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(string name, int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static MultipartFormDataContent Form(Stream content) => new() { { new StreamContent(content), "file", "file.bin" } };

    private static async Task<JsonNode> AddAsync(DevNetHost devNet, Stream content, string command)
    {
        using var form = Form(content);
        using var response = await devNet.Client.PostAsync($"/api/v0/{command}", form);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }

    private static async Task<byte[]> PostAsync(DevNetHost devNet, string command)
    {
        using var response = await devNet.Client.PostAsync($"/api/v0/{command}", null);
        Assert.True(response.IsSuccessStatusCode, command);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static async Task<(int Status, string? Message)> ErrorAsync(DevNetHost devNet, string command)
    {
        using var response = await devNet.Client.PostAsync($"/api/v0/{command}", null);
        return ((int)response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["Message"]);
    }
}
