namespace CardanoRwa.Ipfs;

/// <summary>A child of a file's node.</summary>
/// <param name="FileBytes">Bytes of the file below it.</param>
/// <param name="TotalBytes">Bytes of all blocks below it and its own: dag-pb's Tsize.</param>
public readonly record struct DagLink(Cid Cid, long FileBytes, long TotalBytes);

/// <summary>
/// A file's node: dag-pb around UnixFS. On the wire <c>{2: link*, 1: data}</c> with link <c>{1: cid, 2: "", 3: tsize}</c> and
/// data <c>{1: type, 2: bytes, 3: filesize, 4: blocksize*}</c>; that links come before data is part of the format.
/// </summary>
public sealed record DagNode(IReadOnlyList<DagLink> Links, ReadOnlyMemory<byte> Data)
{
    private const ulong File = 2;

    public byte[] Encode()
    {
        var unixFs = new ProtobufWriter();
        unixFs.WriteNumber(1, File);
        if (!Data.IsEmpty) unixFs.WriteBytes(2, Data.Span);
        unixFs.WriteNumber(3, (ulong)(Data.Length + Links.Sum(static l => l.FileBytes)));
        foreach (var link in Links) unixFs.WriteNumber(4, (ulong)link.FileBytes);

        var node = new ProtobufWriter();
        foreach (var link in Links)
        {
            var child = new ProtobufWriter();
            child.WriteBytes(1, link.Cid.ToBytes());
            child.WriteBytes(2, []);
            child.WriteNumber(3, (ulong)link.TotalBytes);
            node.WriteBytes(2, child.Written);
        }

        node.WriteBytes(1, unixFs.Written);
        return node.Written.ToArray();
    }

    /// <summary>Reads a node written here; the sizes of links come from the UnixFS part.</summary>
    public static DagNode Decode(ReadOnlySpan<byte> block)
    {
        var links = new List<(Cid Cid, long Total)>();
        var sizes = new List<long>();
        ReadOnlyMemory<byte> data = default;
        for (var fields = new ProtobufReader(block); fields.Next();)
        {
            if (fields.Field == 2) links.Add(ReadLink(fields.Bytes));
            else if (fields.Field == 1)
            {
                for (var unixFs = new ProtobufReader(fields.Bytes); unixFs.Next();)
                {
                    if (unixFs.Field == 2) data = unixFs.Bytes.ToArray();
                    else if (unixFs.Field == 4) sizes.Add((long)unixFs.Number);
                }
            }
        }

        return new DagNode([.. links.Select((l, i) => new DagLink(l.Cid, sizes[i], l.Total))], data);
    }

    private static (Cid Cid, long Total) ReadLink(ReadOnlySpan<byte> link)
    {
        Cid cid = default;
        long total = 0;
        for (var fields = new ProtobufReader(link); fields.Next();)
        {
            if (fields.Field == 1) Cid.TryFromBytes(fields.Bytes, out cid);
            else if (fields.Field == 3) total = (long)fields.Number;
        }

        return (cid, total);
    }
}
