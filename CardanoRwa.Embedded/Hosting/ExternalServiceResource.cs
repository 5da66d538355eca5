using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Something the graph uses and does not run.</summary>
public sealed class ExternalServiceResource : Resource
{
    public ExternalServiceResource(string name, Uri uri)
        : base(name) => Uri = Fault(uri) is { } fault ? throw new ArgumentException(fault, nameof(uri)) : uri;

    public ExternalServiceResource(string name, ParameterResource urlParameter)
        : base(name) => UrlParameter = urlParameter;

    public Uri? Uri { get; }

    public ParameterResource? UrlParameter { get; }

    internal static string? Fault(Uri uri) => uri switch
    {
        { IsAbsoluteUri: false } => "The URI must be absolute.",
        { Fragment.Length: > 0 } => "The URI cannot contain a fragment.",
        { Query.Length: > 0 } => "The URI cannot contain a query string.",
        _ => null,
    };

    internal async Task<Uri> ResolveAsync(CancellationToken cancellationToken)
    {
        if (Uri is not null)
            return Uri;

        var text = await UrlParameter!.GetValueAsync(cancellationToken);
        return System.Uri.TryCreate(text, UriKind.Absolute, out var uri) && Fault(uri) is null
            ? uri
            : throw new DistributedApplicationException($"The value of parameter '{UrlParameter.Name}' is not a URL that external service '{Name}' can use: {text}");
    }
}

public sealed class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
    : Resource(name), IResourceWithConnectionString, IResourceWithWaitSupport
{
    public ReferenceExpression ConnectionStringExpression { get; } = connectionStringExpression;
}

public static class ExternalServiceBuilderExtensions
{
    public static IResourceBuilder<ExternalServiceResource> AddExternalService(this IDistributedApplicationBuilder builder, string name, string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
            ? builder.AddExternalService(name, uri)
            : throw new ArgumentException($"The external service URL '{url}' is invalid: it must be absolute.", nameof(url));

    public static IResourceBuilder<ExternalServiceResource> AddExternalService(this IDistributedApplicationBuilder builder, string name, Uri uri) =>
        builder.AddResource(new ExternalServiceResource(name, uri)).ExcludeFromManifest();

    public static IResourceBuilder<ExternalServiceResource> AddExternalService(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> urlParameter) =>
        builder.AddResource(new ExternalServiceResource(name, urlParameter.Resource)).ExcludeFromManifest();
}
