using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Recovery.Restore;

/// <summary>Bytes of a file and the data object, of one backup of the chain, that has them.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">In the file.</param>
/// <param name="Length">How many.</param>
/// <param name="Position">In the object's plain bytes.</param>
/// <param name="Seed">Begins an extent that is wanted whole: its hash counts. Null for a part of one.</param>
internal sealed record WantedRange(string Path, long Offset, long Length, long Position, long? Seed);

/// <summary>What a restore needs of one data object, in ascending order of position.</summary>
internal sealed record WantedObject(int Level, int Number, List<WantedRange> Ranges)
{
    public long Bytes => Ranges.Sum(r => r.Length);
}

/// <summary>Resolves a chain: for every byte of every file, the newest backup that has it.</summary>
internal static class ChainFiles
{
    /// <param name="indexes">Oldest first; the first is of a full backup.</param>
    public static List<WantedObject> Resolve(IReadOnlyList<FileIndex> indexes)
    {
        var byPath = indexes.Select(i => i.Files.ToDictionary(f => f.Path, StringComparer.Ordinal)).ToArray();
        var wanted = new Dictionary<(int Level, int Number), List<WantedRange>>();
        var top = indexes.Count - 1;
        foreach (var file in indexes[top].Files)
        {
            Resolve(byPath, top, file, 0, file.Length, wanted);
        }
        foreach (var ranges in wanted.Values)
        {
            ranges.Sort((a, b) => a.Position.CompareTo(b.Position));
        }
        return [.. wanted.Select(w => new WantedObject(w.Key.Level, w.Key.Number, w.Value)).OrderByDescending(w => w.Bytes)];
    }

    private static void Resolve(
        Dictionary<string, IndexedFile>[] byPath, int level, IndexedFile file, long from, long to, Dictionary<(int Level, int Number), List<WantedRange>> wanted)
    {
        var at = from;
        foreach (var extent in file.Extents)
        {
            var (start, end) = (Math.Max(extent.Offset, at), Math.Min(extent.End, to));
            if (start >= end)
            {
                continue;
            }
            Below(at, start);
            if (!wanted.TryGetValue((level, extent.Number), out var ranges))
            {
                wanted[(level, extent.Number)] = ranges = [];
            }
            var isWhole = start == extent.Offset && end == extent.End;
            ranges.Add(new WantedRange(file.Path, start, end - start, extent.Position + (start - extent.Offset), isWhole ? extent.Offset : null));
            at = end;
        }
        Below(at, to);

        void Below(long start, long end)
        {
            if (start >= end || !file.IsPartial)
            {
                return;
            }
            if (level == 0 || !byPath[level - 1].TryGetValue(file.Path, out var parent))
            {
                throw new InvalidDataException($"{file.Path} of backup {level} of the chain stands on a file that the backup before does not have.");
            }
            Resolve(byPath, level - 1, parent, start, Math.Min(end, parent.Length), wanted);
        }
    }
}
