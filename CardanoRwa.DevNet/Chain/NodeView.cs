using CardanoRwa.DevNet.Index;

namespace CardanoRwa.DevNet.Chain;

/// <summary>What the endpoints read, under the node's lock.</summary>
public sealed class NodeView
{
    internal NodeView(Blockchain chain, ChainIndex index, ChainClock clock, DevNetOptions options, int seed) =>
        (Chain, Index, Clock, Options, Seed) = (chain, index, clock, options, seed);

    internal Blockchain Chain { get; }
    public ChainIndex Index { get; }
    public ChainClock Clock { get; }
    public DevNetOptions Options { get; }
    public int Seed { get; }
    public ProtocolParameters Parameters => Chain.Rules.Parameters;
    internal Mempool Mempool => Chain.Mempool;
    internal static ulong EpochOf(ulong slot) => slot / Genesis.EpochLength;
}
