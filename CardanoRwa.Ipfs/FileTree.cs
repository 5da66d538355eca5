using System.Security.Cryptography;

namespace CardanoRwa.Ipfs;

/// <summary>
/// A file as Kubo imports it: chunks of one size, and over them a balanced tree of at most 174 links a node. Bytes are
/// appended as they come; what is held is one chunk and the open nodes.
/// </summary>
/// <param name="options">How the tree is made.</param>
/// <param name="keep">Hears each block as it is finished; without it blocks are only hashed.</param>
public sealed class FileTree(TreeOptions options, Action<Cid, byte[]>? keep = null)
{
    private const int LinksPerNode = 174;

    private readonly List<List<DagLink>> levels = [[]];
    private readonly byte[] chunk = new byte[options.ChunkSize];
    private readonly List<Hash32> leaves = [];
    private int filled;

    /// <summary>SHA-256 of each finished leaf's block; of the chunk itself where leaves are raw.</summary>
    public IReadOnlyList<Hash32> Leaves => leaves;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, chunk.Length - filled)];
            part.CopyTo(chunk.AsSpan(filled));
            filled += part.Length;
            bytes = bytes[part.Length..];
            if (filled == chunk.Length) AddLeaf();
        }
    }

    /// <summary>The root; nothing can be appended after it.</summary>
    public DagLink Finish()
    {
        if (filled > 0 || (levels[0].Count == 0 && levels.Count == 1)) AddLeaf();
        for (var level = 0; ; level++)
        {
            if (level == levels.Count - 1 && levels[level].Count == 1) return levels[level][0];
            if (levels[level].Count > 0) Close(level);
        }
    }

    /// <summary>The root of a stream read to its end.</summary>
    public static async Task<DagLink> ReadAsync(Stream content, TreeOptions options, Action<Cid, byte[]>? keep, CancellationToken cancellation)
    {
        var tree = new FileTree(options, keep);
        var buffer = new byte[81_920];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellation)) > 0) tree.Append(buffer.AsSpan(0, read));
        return tree.Finish();
    }

    private void AddLeaf()
    {
        var content = chunk.AsSpan(0, filled);
        if (!options.RawLeaves)
        {
            var block = new DagNode([], content.ToArray()).Encode();
            Add(0, new DagLink(Put(Cid.DagPb, block), filled, block.Length));
        }
        else if (keep is null) Add(0, new DagLink(new Cid(Cid.Raw, new Hash32(SHA256.HashData(content))), filled, filled));
        else Add(0, new DagLink(Put(Cid.Raw, content.ToArray()), filled, filled));
        filled = 0;
    }

    private void Add(int level, DagLink link)
    {
        if (level == 0) leaves.Add(link.Cid.Digest);
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

    private Cid Put(byte codec, byte[] block)
    {
        var cid = Cid.Of(codec, block, options.CidVersion);
        keep?.Invoke(cid, block);
        return cid;
    }
}

/// <summary>How a file becomes blocks.</summary>
public sealed record TreeOptions(int CidVersion, bool RawLeaves, int ChunkSize = TreeOptions.DefaultChunk)
{
    public const int DefaultChunk = 262_144;

    /// <summary>What Kubo does with <c>cid-version=1</c>.</summary>
    public static readonly TreeOptions Version1 = new(1, RawLeaves: true);

    /// <summary>What Kubo does by default, and Blockfrost always.</summary>
    public static readonly TreeOptions Version0 = new(0, RawLeaves: false);
}
