using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Manifest;

namespace CardanoRwa.Embedded.Manifest
{
    internal sealed class ManifestExclusionAnnotation : IResourceAnnotation;
}

namespace Aspire.Hosting
{
    public static class ManifestResourceBuilderExtensions
    {
        /// <summary>Keeps a resource out of the manifest: something that is only there when the graph runs locally.</summary>
        public static IResourceBuilder<T> ExcludeFromManifest<T>(this IResourceBuilder<T> builder) where T : IResource =>
            builder.WithAnnotation(new ManifestExclusionAnnotation());
    }
}
