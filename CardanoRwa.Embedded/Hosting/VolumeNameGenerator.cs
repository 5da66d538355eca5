using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class VolumeNameGenerator
{
    /// <summary>A name that tells the AppHost and the resource, such as <c>sample.apphost-02d6286d62-postgres-data</c>.</summary>
    public static string Generate<T>(IResourceBuilder<T> builder, string suffix) where T : IResource
    {
        var application = string.Concat(builder.ApplicationBuilder.Environment.ApplicationName.Select((c, i) => IsAllowed(c, i) ? char.ToLowerInvariant(c) : '_'));
        var hash = builder.ApplicationBuilder.Configuration["AppHost:Sha256"]![..10].ToLowerInvariant();
        return $"{application}-{hash}-{builder.Resource.Name}-{suffix}";
    }

    private static bool IsAllowed(char c, int index) => char.IsAsciiLetterOrDigit(c) || (index > 0 && c is '_' or '.' or '-');
}
