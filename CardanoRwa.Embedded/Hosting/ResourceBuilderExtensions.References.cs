using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Sets <c>ConnectionStrings__{name}</c> and one variable for each property, such as <c>{NAME}_HOST</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        var prefix = name.Length == 0 ? "" : $"{EnvironmentName.Encode(name).ToUpperInvariant()}_";

        return builder.WithReferenceRelationship(resource).WithEnvironment(context =>
        {
            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] =
                new ConnectionStringReference(resource, optional);
            foreach (var (key, value) in resource.GetConnectionProperties())
                context.EnvironmentVariables[prefix + key.ToUpperInvariant()] = value;
        });
    }

    /// <summary>Sets <c>services__{name}__{endpoint}__0</c> and <c>{NAME}_{ENDPOINT}</c> for each endpoint.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder.ReferToEndpoints(source.Resource, endpointName: null, alias: null);

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment => builder.ReferToEndpoints(source.Resource, endpointName: null, name);

    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment => builder.ReferToEndpoints(endpointReference.Resource, endpointReference.EndpointName, alias: null);

    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment => ExternalServiceResource.Fault(uri) is { } fault
        ? throw new InvalidOperationException($"The URI for service reference '{name}' of '{builder.Resource.Name}' is invalid: {fault}")
        : builder.WithEnvironment($"services__{name}__default__0", uri.ToString()).WithEnvironment(EnvironmentName.Encode(name), uri.ToString());

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<ExternalServiceResource> externalService)
        where TDestination : IResourceWithEnvironment
    {
        var service = externalService.Resource;
        var variable = EnvironmentName.Encode(service.Name).ToUpperInvariant();
        return builder.WithReferenceRelationship(service).WithEnvironment(async context =>
        {
            if (service.Uri is { } uri)
            {
                context.EnvironmentVariables[variable] = uri.ToString();
                context.EnvironmentVariables[$"services__{service.Name}__{uri.Scheme}__0"] = uri.ToString();
                return;
            }

            // The scheme is part of the name, and while publishing nobody knows it yet.
            var published = context.ExecutionContext.IsPublishMode;
            var scheme = published ? "default" : (await service.ResolveAsync(context.CancellationToken)).Scheme;
            context.EnvironmentVariables[$"services__{service.Name}__{scheme}__0"] = service.UrlParameter!;
            context.EnvironmentVariables[published ? variable : $"{variable}_{scheme.ToUpperInvariant()}"] = service.UrlParameter!;
        });
    }

    public static IResourceBuilder<T> WithRelationship<T>(this IResourceBuilder<T> builder, IResource resource, string type) where T : IResource =>
        builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, type));

    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResource resource) where T : IResource =>
        builder.WithRelationship(resource, KnownRelationshipTypes.Reference);

    private static IResourceBuilder<T> ReferToEndpoints<T>(this IResourceBuilder<T> builder, IResourceWithEndpoints source, string? endpointName, string? alias)
        where T : IResourceWithEnvironment
    {
        var reference = builder.Resource.Annotations.OfType<EndpointReferenceAnnotation>().SingleOrDefault(a => a.Resource == source);
        if (reference is null)
        {
            reference = new EndpointReferenceAnnotation(source);
            builder.WithAnnotation(reference).WithEnvironment(context => AddEndpoints(context, reference, alias));
        }

        if (endpointName is null)
            reference.UseAllEndpoints = true;
        else
            reference.EndpointNames.Add(endpointName);
        return builder.WithReferenceRelationship(source);
    }

    private static void AddEndpoints(EnvironmentCallbackContext context, EndpointReferenceAnnotation reference, string? alias)
    {
        var service = alias ?? reference.Resource.Name;
        foreach (var endpoint in reference.Resource.GetEndpoints())
        {
            if (!reference.EndpointNames.Contains(endpoint.EndpointName) && (!reference.UseAllEndpoints || endpoint.ExcludeReferenceEndpoint))
                continue;

            var prefix = EnvironmentName.Encode(alias ?? service.ToUpperInvariant());
            context.EnvironmentVariables[$"{prefix}_{EnvironmentName.Encode(endpoint.EndpointName).ToUpperInvariant()}"] = endpoint;

            var key = endpoint.IsHttpSchemeNamedEndpoint ? endpoint.Scheme : endpoint.EndpointName;
            var index = 0;
            while (!context.EnvironmentVariables.TryAdd($"services__{service}__{key}__{index}", endpoint))
                index++;
        }
    }
}
