using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CardanoRwa.Core.Auth;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Ipfs;
using CardanoRwa.Tests.Graph;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Evidence;

[Collection(GraphCollection.Name)]
public sealed class EvidenceTests(GraphFixture graph)
{
    [Fact]
    public async Task Document_is_hashed_listed_and_read_back()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        var bytes = Documents.Text(700_000);

        var added = await graph.Api.AddAsync(id, bytes, "name=Title%20deed%20%C3%A9.txt&kind=title-deed&description=Signed");

        Assert.Equal((Convert.ToHexStringLower(SHA256.HashData(bytes)), "700000", "title-deed", "1", "stored"), (added.Text("sha256"), added.Text("size"), added.Text("kind"), added.Text("position"), added.Text("status")));
        var tree = new FileTree(TreeOptions.Version1);
        tree.Append(bytes);
        Assert.Equal(tree.Finish().Cid.ToString(), added.Text("cid"));
        var listed = (await graph.Api.GetJsonAsync($"{AssetsPath}/{id}/evidence")).GetProperty("items");
        Assert.Equal(added.Text("id"), Assert.Single(listed.EnumerateArray()).Text("id"));

        using var content = await graph.Api.ContentAsync(id, added.Text("id"));
        Assert.Equal(bytes, await content.Content.ReadAsByteArrayAsync());
        Assert.Equal($"\"{added.Text("sha256")}\"", content.Headers.ETag!.Tag);
        Assert.Equal(("nosniff", "attachment", "text/plain"), (content.Headers.GetValues("X-Content-Type-Options").Single(), content.Content.Headers.ContentDisposition!.DispositionType, content.Content.Headers.ContentType!.MediaType));
        Assert.Equal("Title deed é.txt", content.Content.Headers.ContentDisposition.FileNameStar);
    }

    [Fact]
    public async Task Ranges_and_known_versions_are_answered_as_http_says()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        var bytes = Documents.Text(600_000);
        var added = await graph.Api.AddAsync(id, bytes);
        var tag = $"\"{added.Text("sha256")}\"";

        await ExpectAsync(HttpStatusCode.PartialContent, bytes[262_100..262_200], ("Range", "bytes=262100-262199"));
        await ExpectAsync(HttpStatusCode.PartialContent, bytes[599_990..], ("Range", "bytes=-10"));
        await ExpectAsync(HttpStatusCode.PartialContent, bytes[524_288..], ("Range", "bytes=524288-9999999"));
        await ExpectAsync(HttpStatusCode.OK, bytes, ("Range", "bytes=0-1"), ("If-Range", "\"other\""));
        await ExpectAsync(HttpStatusCode.OK, bytes, ("Range", "bytes=0-1,5-6"));
        await ExpectAsync(HttpStatusCode.PartialContent, bytes[..2], ("Range", "bytes=0-1"), ("If-Range", tag));
        await ExpectAsync(HttpStatusCode.NotModified, [], ("If-None-Match", tag));
        using var beyond = await graph.Api.ContentAsync(id, added.Text("id"), ("Range", "bytes=600000-"));
        await beyond.ProblemAsync(HttpStatusCode.RequestedRangeNotSatisfiable, "range_not_satisfiable");

        async Task ExpectAsync(HttpStatusCode status, byte[] expected, params (string, string)[] headers)
        {
            using var response = await graph.Api.ContentAsync(id, added.Text("id"), headers);
            Assert.Equal(status, response.StatusCode);
            Assert.Equal(expected, await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Manifest_and_proofs_can_be_checked_by_anyone_and_earlier_roots_stay()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        var roots = new List<string>();
        var added = new List<JsonElement>();
        foreach (var query in new[] { "name=One", "name=Two%20%22quoted%22%20%F0%9F%8F%A0", "name=Secret&confidential=true", "name=Four" })
        {
            added.Add(await graph.Api.AddAsync(id, Documents.Text(), query));
            roots.Add((await ManifestAsync()).Root);
        }

        Assert.Equal(4, roots.Distinct().Count());
        for (var count = 1; count <= 4; count++)
        {
            var (root, cid, json) = await ManifestAsync($"?count={count}");
            Assert.Equal(roots[count - 1], root);
            var tree = new FileTree(TreeOptions.Version1);
            tree.Append(Encoding.UTF8.GetBytes(json));
            Assert.Equal(tree.Finish().Cid.ToString(), cid);
            // Public entries are their own leaf's bytes; a confidential one shows its leaf.
            byte[][] leaves = [.. JsonElement.Parse(json).GetProperty("entries").EnumerateArray().Select(e =>
                e.TryGetProperty("leaf", out var leaf) ? Convert.FromHexString(leaf.GetString()!) : MerkleTree.Leaf(Encoding.UTF8.GetBytes(e.GetRawText())))];
            Assert.Equal(root, Convert.ToHexStringLower(MerkleTree.Root(leaves)));
            Assert.Equal(root, JsonElement.Parse(json).Text("root"));
            Assert.DoesNotContain("Secret", json, StringComparison.Ordinal);
        }
        foreach (var (entry, index) in added.Select((e, i) => (e, i)))
        {
            var proof = await graph.Api.GetJsonAsync($"{AssetsPath}/{id}/evidence/{entry.Text("id")}/proof");
            var leaf = MerkleTree.Leaf(Encoding.UTF8.GetBytes(proof.Text("entry")));
            Assert.Equal((entry.Text("leaf"), index, 4), (Convert.ToHexStringLower(leaf), proof.GetProperty("index").GetInt32(), proof.GetProperty("count").GetInt32()));
            Assert.True(MerkleTree.Verify(leaf, index, 4, [.. proof.GetProperty("path").EnumerateArray().Select(p => Convert.FromHexString(p.GetString()!))], Convert.FromHexString(roots[3])));
        }
        using var beyond = await graph.Api.GetAsync(new Uri($"{AssetsPath}/{id}/evidence/manifest?count=5", UriKind.Relative));
        await beyond.ProblemAsync(HttpStatusCode.NotFound, "evidence_count_unknown");

        async Task<(string Root, string Cid, string Json)> ManifestAsync(string query = "")
        {
            using var response = await graph.Api.GetAsync(new Uri($"{AssetsPath}/{id}/evidence/manifest{query}", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return (response.Headers.GetValues("Rwa-Evidence-Root").Single(), response.Headers.GetValues("Rwa-Manifest-Cid").Single(), await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Key_repeats_the_answer_for_the_same_bytes_and_refuses_others()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        var (bytes, key) = (Documents.Text(), Guid.NewGuid().ToString());
        using var first = await graph.Api.UploadAsync(id, new MemoryStream(bytes), key: key);
        using var again = await graph.Api.UploadAsync(id, new MemoryStream(bytes), key: key);
        using var other = await graph.Api.UploadAsync(id, new MemoryStream(Documents.Text()), key: key);
        using var keyless = await graph.Api.UploadAsync(id, new MemoryStream(bytes));

        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        await other.ProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        await keyless.ProblemAsync(HttpStatusCode.Conflict, "evidence_exists");
    }

    [Fact]
    public async Task Concurrent_uploads_to_one_asset_take_places_without_gaps()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        var shared = Documents.Text();
        var bodies = Enumerable.Range(0, 8).Select(_ => Documents.Text()).Append(shared).Append(shared).ToList();

        var statuses = await Task.WhenAll(bodies.Select(async b =>
        {
            using var response = await graph.Api.UploadAsync(id, new MemoryStream(b));
            return response.StatusCode;
        }));

        Assert.Equal((9, 1), (statuses.Count(s => s == HttpStatusCode.Created), statuses.Count(s => s == HttpStatusCode.Conflict)));
        Assert.Equal(Enumerable.Range(1, 9), (await graph.ScalarAsync<int[]>("SELECT array_agg(position ORDER BY position) FROM evidence WHERE asset_id = $1", Guid.Parse(id))));
    }

    [Theory]
    [InlineData("Content-Digest", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", HttpStatusCode.UnprocessableEntity, "digest_mismatch")]
    [InlineData("Content-Digest", "sha-512=:z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==:", HttpStatusCode.UnprocessableEntity, "digest_mismatch")]
    [InlineData("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==", HttpStatusCode.UnprocessableEntity, "digest_mismatch")]
    [InlineData("Content-Digest", "sha-256=:short=:", HttpStatusCode.BadRequest, "digest_invalid")]
    [InlineData("Content-Digest", "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:", HttpStatusCode.BadRequest, "digest_invalid")]
    [InlineData("Content-MD5", "nonsense", HttpStatusCode.BadRequest, "digest_invalid")]
    public async Task Announced_digest_is_held_to(string header, string value, HttpStatusCode status, string code)
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        var bytes = Documents.Text();
        using var refused = await graph.Api.UploadAsync(id, new MemoryStream(bytes), header: (header, value));
        using var taken = await graph.Api.UploadAsync(id, new MemoryStream(bytes), header: ("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(bytes))}:"));

        await refused.ProblemAsync(status, code);
        await taken.JsonAsync(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("text/html", "<html>", "name=a", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    [InlineData("", "x", "name=a", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    [InlineData("application/pdf", "not a pdf", "name=a", HttpStatusCode.UnprocessableEntity, "media_type_mismatch")]
    [InlineData("text/plain", "<script>alert(1)</script>", "name=a", HttpStatusCode.UnprocessableEntity, "content_refused")]
    [InlineData("text/plain", "", "name=a", HttpStatusCode.UnprocessableEntity, "evidence_empty")]
    [InlineData("text/plain", "x", "kind=Bad%20Kind", HttpStatusCode.BadRequest, "validation_failed")]
    public async Task What_is_not_evidence_is_refused(string mediaType, string body, string query, HttpStatusCode status, string code)
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        using var response = await graph.Api.UploadAsync(id, new MemoryStream(Encoding.UTF8.GetBytes(body)), query, mediaType);

        await response.ProblemAsync(status, code);
        Assert.Empty((await graph.Api.GetJsonAsync($"{AssetsPath}/{id}/evidence")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Only_issuers_add_and_retired_or_unknown_assets_take_nothing()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        await using var db = Registry.Context(graph.Database);
        using var viewer = graph.Client((await new ApiKeyStore(db, TimeProvider.System).CreateAsync("test", Guid.NewGuid().ToString(), [Roles.Viewer], null, default)).Value!);

        using var forbidden = await viewer.UploadAsync(id, new MemoryStream(Documents.Text()));
        using var unknown = await graph.Api.UploadAsync(Guid.NewGuid().ToString(), new MemoryStream(Documents.Text()));
        using var retire = await graph.Api.PostAsync($"{AssetsPath}/{id}/retire", new { reason = "sold" });
        using var retired = await graph.Api.UploadAsync(id, new MemoryStream(Documents.Text()));

        await forbidden.ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        await unknown.ProblemAsync(HttpStatusCode.NotFound, "asset_not_found");
        await retired.ProblemAsync(HttpStatusCode.Conflict, "asset_retired");
    }
}
