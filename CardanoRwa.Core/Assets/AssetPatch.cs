using System.Text.Json;
using System.Text.Json.Nodes;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Assets;

/// <summary>A checked merge patch.</summary>
public sealed class AssetPatch
{
    private readonly List<Func<Asset, bool>> _changes = [];

    private AssetPatch()
    {
    }

    public static Result<AssetPatch> Parse(PatchAsset input)
    {
        var errors = new FieldErrors();
        var patch = new AssetPatch();
        if (Text(input.Name, "name", errors, out var name))
        {
            errors.Line("name", name, max: 300, min: 1);
            patch.Set(a => a.Name, (a, v) => a.Name = v!, name);
        }
        if (Text(input.Kind, "kind", errors, out var kind))
        {
            errors.Slug("kind", kind ?? "");
            patch.Set(a => a.Kind, (a, v) => a.Kind = v!, kind);
        }
        if (Text(input.Jurisdiction, "jurisdiction", errors, out var jurisdiction))
        {
            errors.Jurisdiction("jurisdiction", jurisdiction);
            patch.Set(a => a.Jurisdiction, (a, v) => a.Jurisdiction = v, jurisdiction);
        }
        if (Text(input.Description, "description", errors, out var description))
        {
            errors.Prose("description", description, max: 10_000);
            patch.Set(a => a.Description, (a, v) => a.Description = v, description);
        }
        if (input.Attributes.ValueKind != JsonValueKind.Undefined)
        {
            errors.Attributes("attributes", input.Attributes);
            patch._changes.Add(a => MergeAttributes(a, input.Attributes));
        }
        return errors.ToRefusal() is { } refusal ? refusal : patch;
    }

    /// <returns>Whether anything changed.</returns>
    public bool ApplyTo(Asset asset)
    {
        var changed = false;
        foreach (var change in _changes)
        {
            changed |= change(asset);
        }
        return changed;
    }

    private void Set(Func<Asset, string?> get, Action<Asset, string?> set, string? value) => _changes.Add(a =>
    {
        if (get(a) == value)
        {
            return false;
        }
        set(a, value);
        return true;
    });

    private static bool Text(JsonElement member, string field, FieldErrors errors, out string? text)
    {
        text = null;
        switch (member.ValueKind)
        {
            case JsonValueKind.Undefined:
                return false;
            case JsonValueKind.Null:
                return true;
            case JsonValueKind.String when JsonLimits.Fault(member) is { } fault:
                errors.Add(field, fault);
                return false;
            case JsonValueKind.String:
                text = member.GetString();
                return true;
            default:
                errors.Add(field, "must be a string or null");
                return false;
        }
    }

    private static bool MergeAttributes(Asset asset, JsonElement patch)
    {
        var before = JsonNode.Parse(asset.Attributes)!;
        var after = Merge(before.DeepClone(), patch)!;
        if (JsonNode.DeepEquals(before, after))
        {
            return false;
        }
        asset.Attributes = after.ToJsonString();
        return true;
    }

    /// <summary>RFC 7396, section 2.</summary>
    private static JsonNode? Merge(JsonNode? target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            return JsonNode.Parse(patch.GetRawText());
        }
        var result = target as JsonObject ?? [];
        foreach (var member in patch.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                result.Remove(member.Name);
            }
            else
            {
                var old = result[member.Name];
                result.Remove(member.Name);
                result[member.Name] = Merge(old, member.Value);
            }
        }
        return result;
    }
}
