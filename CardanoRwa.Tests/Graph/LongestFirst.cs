using Xunit.Abstractions;

[assembly: TestCollectionOrderer("CardanoRwa.Tests.Graph.LongestFirst", "CardanoRwa.Tests")]

namespace CardanoRwa.Tests.Graph;

/// <summary>Collections that share a graph run one test after the other for minutes; begun last, the other threads would wait for them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(c => c.CollectionDefinition is null).ThenBy(c => c.DisplayName, StringComparer.Ordinal);
}
