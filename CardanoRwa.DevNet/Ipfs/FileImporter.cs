namespace CardanoRwa.DevNet.Ipfs;

/// <summary>Kubo's import: chunks of one size, and over them a balanced tree of at most 174 links a node.</summary>
internal sealed class FileImporter(BlockStore? store, ImportOptions options)
{
    private const int LinksPerNode = 174;

    private readonly List<List<DagLink>> levels = [[]];

    internal async Task<DagLink> ImportAsync(Stream content, CancellationToken cancellation)
    {
        var chunk = new byte[options.ChunkSize];
        int read;
        while ((read = await content.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, cancellation)) > 0) AddLeaf(chunk.AsSpan(0, read));
        if (levels[0].Count == 0 && levels.Count == 1) AddLeaf([]);
        return Root();
    }

    private void AddLeaf(ReadOnlySpan<byte> chunk)
    {
        var block = options.RawLeaves ? chunk.ToArray() : new DagNode([], chunk.ToArray()).Encode();
        Add(0, new DagLink(Put(options.RawLeaves ? Cid.Raw : Cid.DagPb, block), chunk.Length, block.Length));
    }

    private void Add(int level, DagLink link)
    {
        if (level == levels.Count) levels.Add([]);

        // A full node is closed by the link after it: the last full one of a level may turn out to be the root.
        if (levels[level].Count == LinksPerNode) Close(level);
        levels[level].Add(link);
    }

    private void Close(int level)
    {
        var links = levels[level];
        var block = new DagNode([.. links], default).Encode();
        var link = new DagLink(Put(Cid.DagPb, block), links.Sum(static l => l.FileBytes), block.Length + links.Sum(static l => l.TotalBytes));
        links.Clear();
        Add(level + 1, link);
    }

    private DagLink Root()
    {
        for (var level = 0; ; level++)
        {
            if (level == levels.Count - 1 && levels[level].Count == 1) return levels[level][0];
            if (levels[level].Count > 0) Close(level);
        }
    }

    private Cid Put(byte codec, byte[] block)
    {
        var cid = Cid.Of(codec, block, options.CidVersion);
        store?.Put(cid, block);
        return cid;
    }
}

internal sealed record ImportOptions(int CidVersion, bool RawLeaves, int ChunkSize = 262_144);
