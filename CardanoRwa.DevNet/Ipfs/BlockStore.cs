using System.Collections.Concurrent;
using CardanoRwa.DevNet.Chain;
using Microsoft.Extensions.Options;

namespace CardanoRwa.DevNet.Ipfs;

/// <summary>Blocks and pins: in memory, or as files where the chain is kept too. Nothing is ever collected; pins are only told.</summary>
public sealed class BlockStore
{
    private readonly ConcurrentDictionary<(byte Codec, Hash32 Digest), byte[]> memory = new();
    private readonly ConcurrentDictionary<(byte Codec, Hash32 Digest), (Cid Cid, DateTimeOffset At)> pins = new();
    private readonly string? blocks, pinned;
    private readonly TimeProvider time;
    private readonly long limit;
    private long bytes;

    public BlockStore(IOptions<DevNetOptions> options, TimeProvider time)
    {
        this.time = time;
        limit = (long)options.Value.IpfsMegabytes << 20;
        if (options.Value.DataFolder is not { Length: > 0 } folder) return;
        blocks = Directory.CreateDirectory(Path.Combine(folder, "ipfs", "blocks")).FullName;
        pinned = Directory.CreateDirectory(Path.Combine(folder, "ipfs", "pins")).FullName;
        bytes = new DirectoryInfo(blocks).EnumerateFiles().Sum(static f => f.Length);
        foreach (var file in new DirectoryInfo(pinned).EnumerateFiles())
        {
            if (Cid.TryParse(file.Name, out var cid)) pins[cid.Key] = (cid, file.CreationTimeUtc);
        }
    }

    public IEnumerable<(Cid Cid, DateTimeOffset At)> Pins => pins.Values.OrderBy(static p => p.At);

    internal void Put(Cid cid, byte[] block)
    {
        if (Get(cid) is not null) return;
        if (Interlocked.Add(ref bytes, block.Length) > limit)
        {
            Interlocked.Add(ref bytes, -block.Length);
            throw new IOException($"The block store holds at most {limit >> 20} MiB; raise DevNet:IpfsMegabytes.");
        }

        if (blocks is null)
        {
            memory[cid.Key] = block;
            return;
        }

        // Whole or not at all: a crash in between leaves a name that nobody asks for.
        var path = PathOf(cid);
        var draft = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllBytes(draft, block);
        File.Move(draft, path, overwrite: true);
    }

    internal byte[]? Get(Cid cid)
    {
        if (blocks is null) return memory.GetValueOrDefault(cid.Key);
        var path = PathOf(cid);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    internal void Pin(Cid cid)
    {
        if (pins.TryAdd(cid.Key, (cid, time.GetUtcNow())) && pinned is not null) File.WriteAllBytes(Path.Combine(pinned, cid.ToString()), []);
    }

    internal bool Unpin(Cid cid)
    {
        if (!pins.TryRemove(cid.Key, out var pin)) return false;
        if (pinned is not null) File.Delete(Path.Combine(pinned, pin.Cid.ToString()));
        return true;
    }

    internal (Cid Cid, DateTimeOffset At)? FindPin(Cid cid) => pins.TryGetValue(cid.Key, out var pin) ? pin : null;

    /// <summary>Bytes of the file below a block.</summary>
    internal long? FileSize(Cid cid)
    {
        if (Get(cid) is not { } block) return null;
        if (cid.Codec == Cid.Raw) return block.Length;
        var node = DagNode.Decode(block);
        return node.Data.Length + node.Links.Sum(static l => l.FileBytes);
    }

    internal async Task CopyAsync(Cid cid, long offset, long length, Stream destination, CancellationToken cancellation)
    {
        var block = Get(cid) ?? throw new IOException($"block was not found locally (offline): ipld: could not find {cid}");
        var node = cid.Codec == Cid.Raw ? new DagNode([], block) : DagNode.Decode(block);
        if (offset < node.Data.Length && length > 0) await destination.WriteAsync(node.Data.Slice((int)offset, (int)Math.Min(length, node.Data.Length - offset)), cancellation);
        long at = node.Data.Length;
        foreach (var link in node.Links)
        {
            var from = Math.Max(offset, at);
            var to = Math.Min(offset + length, at + link.FileBytes);
            if (from < to) await CopyAsync(link.Cid, from - at, to - from, destination, cancellation);
            at += link.FileBytes;
        }
    }

    private string PathOf(Cid cid) => Path.Combine(blocks!, new Cid(cid.Codec, cid.Digest).ToString());
}
