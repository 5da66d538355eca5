using System.Text.Json;
using System.Text.Json.Nodes;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Core.Assets;

namespace CardanoRwa.Core.Minting;

/// <summary>What a token says of itself on the chain: the issuer's fields, and the registry's evidence.</summary>
public static class TokenMetadata
{
    private const int NameBytes = 64;

    /// <summary>The token's own part, as it is stored: it holds for every mint.</summary>
    public static string Compose(PutToken input, Asset asset)
    {
        var fields = new JsonObject { ["name"] = input.DisplayName ?? Cut(asset.Name) };
        if (input.Image is not null)
        {
            fields["image"] = input.Image;
        }
        if (input.Description is not null)
        {
            fields["description"] = input.Description;
        }
        if (input.Decimals is { } decimals)
        {
            fields["decimals"] = decimals;
        }
        foreach (var own in input.Metadata?.EnumerateObject() ?? [])
        {
            fields[own.Name] = JsonNode.Parse(own.Value.GetRawText());
        }
        return fields.ToJsonString();
    }

    /// <summary>What is wrong with it for its standard, or null.</summary>
    public static string? FindFault(Token token)
    {
        var map = Read(token, null);
        return token.Standard switch
        {
            TokenStandard.Cip25 => Cip25.FindFault(map),
            TokenStandard.Cip68 => Cip68.FindFault(TokenNames.Label(TokenNames.IsSingle(token)), map) ?? MetadataRules.FindFault(map),
            _ => null,
        };
    }

    /// <summary>The map for the chain, with the evidence as it was when the operation was asked for.</summary>
    public static MetadataMap Read(Token token, Operation? operation)
    {
        using var document = JsonDocument.Parse(token.Metadata);
        var entries = ((MetadataMap)Split(MetadataJson.Read(document.RootElement))).Entries.ToList();
        entries.Add(new("registryId", token.AssetId.ToString("N")));
        if (operation?.EvidenceRoot is { } root)
        {
            entries.Add(new("evidenceRoot", Convert.FromHexString(root)));
        }
        if (operation?.EvidenceCid is { } cid)
        {
            entries.Add(new("evidence", MetadataRules.Split($"ipfs://{cid}")));
        }
        return new MetadataMap(entries);
    }

    /// <summary>Long texts in pieces of 64 bytes, at any depth.</summary>
    public static Metadatum Split(Metadatum value) => value switch
    {
        MetadataText text => MetadataRules.Split(text.Value),
        MetadataList list => new MetadataList([.. list.Items.Select(Split)]),
        MetadataMap map => new MetadataMap([.. map.Entries.Select(e => KeyValuePair.Create(e.Key, Split(e.Value)))]),
        _ => value,
    };

    private static string Cut(string name)
    {
        var kept = 0;
        var bytes = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > NameBytes)
            {
                break;
            }
            kept += rune.Utf16SequenceLength;
        }
        return name[..kept];
    }
}
