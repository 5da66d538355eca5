using System.Numerics;
using System.Security.Cryptography;

namespace CardanoRwa.Core.Evidence;

/// <summary>The Merkle tree hash of RFC 6962 (section 2.1) over SHA-256: leaves and nodes are hashed with different first bytes.</summary>
public static class MerkleTree
{
    public static byte[] Leaf(ReadOnlySpan<byte> entry) => Hash(0, entry, []);

    /// <summary>The root over leaf hashes; of none, the hash of nothing.</summary>
    public static byte[] Root(ReadOnlySpan<byte[]> leaves) => leaves.Length switch
    {
        0 => SHA256.HashData([]),
        1 => leaves[0],
        _ => Node(Root(leaves[..Split(leaves.Length)]), Root(leaves[Split(leaves.Length)..])),
    };

    /// <summary>The hashes that, with a leaf, give the root; from the leaf upwards.</summary>
    public static List<byte[]> Path(ReadOnlySpan<byte[]> leaves, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)leaves.Length);
        if (leaves.Length == 1)
        {
            return [];
        }
        var split = Split(leaves.Length);
        var path = index < split ? Path(leaves[..split], index) : Path(leaves[split..], index - split);
        path.Add(Root(index < split ? leaves[split..] : leaves[..split]));
        return path;
    }

    /// <summary>Every leaf's path at once.</summary>
    public static List<byte[]>[] Paths(byte[][] leaves)
    {
        var paths = new List<byte[]>[leaves.Length];
        for (var i = 0; i < paths.Length; i++)
        {
            paths[i] = [];
        }
        if (leaves.Length > 0)
        {
            Climb(leaves, paths);
        }
        return paths;
    }

    private static byte[] Climb(ReadOnlySpan<byte[]> leaves, Span<List<byte[]>> paths)
    {
        if (leaves.Length == 1)
        {
            return leaves[0];
        }
        var split = Split(leaves.Length);
        var (left, right) = (Climb(leaves[..split], paths[..split]), Climb(leaves[split..], paths[split..]));
        foreach (var path in paths[..split])
        {
            path.Add(right);
        }
        foreach (var path in paths[split..])
        {
            path.Add(left);
        }
        return Node(left, right);
    }

    /// <summary>Whether a leaf stands at an index of the tree of that root and size (RFC 9162, section 2.1.3.2).</summary>
    public static bool Verify(byte[] leaf, int index, int count, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= count)
        {
            return false;
        }
        var (at, last, hash) = (index, count - 1, leaf);
        foreach (var sibling in path)
        {
            if (last == 0)
            {
                return false;
            }
            if ((at & 1) == 1 || at == last)
            {
                hash = Node(sibling, hash);
                while ((at & 1) == 0 && at != 0)
                {
                    (at, last) = (at >> 1, last >> 1);
                }
            }
            else
            {
                hash = Node(hash, sibling);
            }
            (at, last) = (at >> 1, last >> 1);
        }
        return last == 0 && root.SequenceEqual(hash);
    }

    private static byte[] Node(byte[] left, byte[] right) => Hash(1, left, right);

    /// <summary>The largest power of two below n.</summary>
    private static int Split(int n) => 1 << BitOperations.Log2((uint)(n - 1));

    private static byte[] Hash(byte domain, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([domain]);
        hash.AppendData(first);
        hash.AppendData(second);
        return hash.GetHashAndReset();
    }
}
