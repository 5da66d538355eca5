using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Minting;

/// <summary>A graph beside the others', so that labs, which mostly wait for blocks, do not stand in their way.</summary>
[CollectionDefinition(Name)]
public sealed class MintCollection : ICollectionFixture<ServersFixture>
{
    public const string Name = "mint";
}

/// <summary>The same again, for a registry that is behind its chain and for what is soon done: beside the mints, not after them.</summary>
[CollectionDefinition(Name)]
public sealed class ReconcileCollection : ICollectionFixture<ServersFixture>
{
    public const string Name = "reconcile";
}
