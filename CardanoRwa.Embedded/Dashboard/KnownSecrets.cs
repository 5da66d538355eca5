using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Dashboard;

internal static class KnownSecrets
{
    /// <summary>The values of all secret parameters of a graph, those too that no one added to the model, such as generated passwords.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var resource in model.Resources)
            Follow(resource, seen);

        var values = new List<string>();
        foreach (var parameter in seen.OfType<ParameterResource>().Where(p => p.Secret))
        {
            try
            {
                if (await parameter.GetValueAsync(cancellationToken) is { Length: > 0 } value)
                    values.Add(value);
            }
            catch (MissingParameterValueException)
            {
                // Without a value there is nothing to hide; the start will tell of it.
            }
        }

        return values;
    }

    private static void Follow(object value, HashSet<object> seen)
    {
        if (!seen.Add(value))
            return;
        if (value is IResource resource)
        {
            foreach (var relationship in resource.Annotations.OfType<ResourceRelationshipAnnotation>())
                Follow(relationship.Resource, seen);
        }

        if (value is IValueWithReferences references)
        {
            foreach (var reference in references.References)
                Follow(reference, seen);
        }
    }
}
