using Aspire.Hosting;

namespace CardanoRwa.Embedded;

/// <summary>Embedded host only: the generated project classes also tell where the build put the assembly, so that it can be run as it is.</summary>
public interface IBuiltProjectMetadata : IProjectMetadata
{
    string AssemblyPath { get; }
}
