using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Blockfrost;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Minting.Proofs;
using CardanoRwa.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Minting;

/// <summary>Proofs of real tokens hold; changed in any field, they do not.</summary>
[Collection(MintCollection.Name)]
public sealed class ProofTests(ServersFixture graph)
{
    // What no hash on the chain covers: the digest does, and blocks by asking a provider.
    private static readonly string[] RegistrysWord = [".madeAt", ".asset.", ".token.maxSupply", "createdAt", "confirmedAt", ".block.", ".digest"];

    [Fact]
    public async Task Proofs_of_every_standard_hold_and_fail_when_any_field_is_changed()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = new List<Guid>
        {
            (await lab.AddAssetsAsync(1, prefix: "A"))[0],
            (await lab.AddAssetsAsync(1, new PutToken("cip68", Description: "A share of a warehouse", MaxSupply: 1_000), "B"))[0],
            (await lab.AddAssetsAsync(1, new PutToken("plain"), "C"))[0],
        };
        var holder = Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(new PublicKey(new byte[32]).Hash)).ToString();
        await using var worker = lab.StartWorker();
        foreach (var asset in assets)
        {
            await AddEvidenceAsync(lab, asset, 1, confidential: false);
            await AddEvidenceAsync(lab, asset, 2, confidential: true);
            await lab.MintAsync(asset, 10, $"{asset}-0");
            await AddEvidenceAsync(lab, asset, 3, confidential: false);
            await lab.MintAsync(asset, 5, $"{asset}-1", holder);
        }
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
        foreach (var asset in assets)
        {
            await lab.RequestAsync(asset, OperationKind.Burn, 3, $"{asset}-2");
        }
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);

        var provider = BlockfrostProvider.Create(new BlockfrostOptions { Url = new Uri($"{lab.Chain.Url}/api/v0"), RequestsPerSecond = 5_000, Burst = 5_000 });
        foreach (var asset in assets)
        {
            var bytes = await ProofAsync(lab, asset);
            var (file, checks) = ProofVerifier.Verify(bytes);
            Assert.All(checks, c => Assert.True(c.Passed, $"{c.Name} {c.Subject}: {c.Detail}"));
            Assert.Equal(new ProofSupply(15, 3, 12), file!.Supply);
            Assert.All(await ProofChainChecks.RunAsync(file, provider, provider, CancellationToken.None), c => Assert.True(c.Passed, $"{c.Name} {c.Subject}: {c.Detail}"));
            await AssertTamperingShowsAsync(bytes, provider);
        }

        var path = Path.GetTempFileName();
        var whole = await ProofAsync(lab, assets[0]);
        await File.WriteAllBytesAsync(path, whole);
        var url = $"{lab.Chain.Url}/api/v0";
        var (code, output, errors) = await lab.RunVerbAsync("verify-proof", path, "--provider", url);
        Assert.True(code == 0, output + errors);
        await File.WriteAllBytesAsync(path, Sealed(JsonNode.Parse(whole)!, node => node["supply"]!["minted"] = 16));
        (code, output, _) = await lab.RunVerbAsync("verify-proof", path, "--json");
        Assert.Equal((2, false), (code, (bool)JsonNode.Parse(output)!["passed"]!));
        File.Delete(path);
    }

    private static async Task AssertTamperingShowsAsync(byte[] bytes, BlockfrostProvider provider)
    {
        var paths = new List<string>();
        Collect(JsonNode.Parse(bytes)!, "", paths);
        Assert.True(paths.Count > 60, $"Only {paths.Count} fields.");
        var (slipped, asked) = (new List<string>(), new HashSet<string>());
        foreach (var path in paths)
        {
            // Whoever tampers can reckon the digest anew.
            var changed = Sealed(JsonNode.Parse(bytes)!, root => Change(root, path), keepDigest: path == ".digest");
            var (file, checks) = ProofVerifier.Verify(changed);
            if (checks.All(c => c.Passed) && !RegistrysWord.Any(w => path.Contains(w, StringComparison.Ordinal)))
            {
                slipped.Add(path);
            }
            var careless = Sealed(JsonNode.Parse(bytes)!, root => Change(root, path), keepDigest: true);
            Assert.Contains(ProofVerifier.Verify(careless).Checks, c => !c.Passed);
            if (path.Contains(".block.", StringComparison.Ordinal) && file is not null && asked.Add(path[path.LastIndexOf('.')..]))
            {
                Assert.Contains(await ProofChainChecks.RunAsync(file, provider, provider, CancellationToken.None), c => !c.Passed);
            }
        }
        Assert.Empty(slipped);
        foreach (var list in new[] { "operations", "transactions" })
        {
            var shorter = Sealed(JsonNode.Parse(bytes)!, root => root[list]!.AsArray().RemoveAt(0));
            Assert.Contains(ProofVerifier.Verify(shorter).Checks, c => !c.Passed);
        }
        var cbor = (string)JsonNode.Parse(bytes)!["transactions"]![0]!["cbor"]!;
        for (var at = 0; at < cbor.Length; at += 37)
        {
            var flipped = Sealed(JsonNode.Parse(bytes)!, root => root["transactions"]![0]!["cbor"] = Flip(cbor, at));
            Assert.True(ProofVerifier.Verify(flipped).Checks.Any(c => !c.Passed), $"Digit {at} of the transaction may be anything.");
        }
    }

    private static void Collect(JsonNode? node, string path, List<string> paths)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map)
                {
                    Collect(value, $"{path}.{name}", paths);
                }
                break;
            case JsonArray list:
                foreach (var (i, item) in list.Index())
                {
                    Collect(item, $"{path}.{i}", paths);
                }
                break;
            default:
                paths.Add(path);
                break;
        }
    }

    private static void Change(JsonNode root, string path)
    {
        var steps = path.Split('.')[1..];
        var parent = steps[..^1].Aggregate(root, (node, step) => node is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!);
        var old = parent is JsonArray items ? items[int.Parse(steps[^1], System.Globalization.CultureInfo.InvariantCulture)] : parent[steps[^1]];
        JsonNode changed = old?.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.Number => old.GetValue<decimal>() + (steps[^1] == "confirmations" ? 1_000_000 : 1),
            System.Text.Json.JsonValueKind.String => Flip((string)old!, ((string)old!).Length / 2),
            _ => "x",
        };
        if (parent is JsonArray array)
        {
            array[int.Parse(steps[^1], System.Globalization.CultureInfo.InvariantCulture)] = changed;
        }
        else
        {
            parent[steps[^1]] = changed;
        }
    }

    private static string Flip(string text, int at) => text.Length == 0 ? "x" : text[..at] + (text[at] == '1' ? '2' : '1') + text[(at + 1)..];

    private static byte[] Sealed(JsonNode root, Action<JsonNode> change, bool keepDigest = false)
    {
        change(root);
        var bytes = Encoding.UTF8.GetBytes(root.ToJsonString());
        if (keepDigest || ProofDigest.Of(bytes) is not { } digest)
        {
            return bytes;
        }
        root["digest"] = digest;
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static async Task<byte[]> ProofAsync(MintLab lab, Guid asset)
    {
        await using var scope = lab.Registry.Services.CreateAsyncScope();
        await using var file = await scope.ServiceProvider.GetRequiredService<ProofWriter>().WriteAsync(asset, CancellationToken.None);
        var memory = new MemoryStream();
        await file!.CopyToAsync(memory);
        return memory.ToArray();
    }

    private static Task<int> AddEvidenceAsync(MintLab lab, Guid asset, int position, bool confidential) => lab.WriteAsync((services, stamp, _) =>
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{asset} {position}"));
        var content = new EvidenceContent { Id = EvidenceContent.IdOf(hash), Sha256 = hash, Length = position, Cid = ManifestJson.Cid(hash), Leaves = hash, StoredAt = stamp.At, CheckedAt = stamp.At };
        var salt = confidential ? hash[..16] : null;
        var leaf = MerkleTree.Leaf(ManifestJson.Entry(stamp.EntityId, stamp.At, $"Deed \"{position}\"", "application/pdf", position, content, salt));
        services.GetRequiredService<RwaDbContext>().Evidence.Add(new EvidenceItem
        {
            Id = stamp.EntityId,
            AssetId = asset,
            Position = position,
            Name = $"Deed \"{position}\"",
            Kind = "title-deed",
            MediaType = "application/pdf",
            Confidential = confidential,
            Salt = salt,
            ContentId = content.Id,
            Content = content,
            Leaf = leaf,
            UploadedBy = stamp.Actor,
            CreatedAt = stamp.At,
        });
        return Task.FromResult(0);
    });
}
