using CardanoRwa.Recovery.Catalogue;
using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>What an incremental backup is built on, and how it finds what changed since.</summary>
internal sealed class ParentFiles
{
    private readonly Dictionary<string, IndexedFile> _files;
    private readonly BackupManifest _parent;
    private readonly WalSummaries? _summaries;

    private ParentFiles(BackupManifest parent, FileIndex index, WalSummaries? summaries) =>
        (_parent, _summaries, _files) = (parent, summaries, index.Files.ToDictionary(f => f.Path, StringComparer.Ordinal));

    /// <summary>Null, with the reason, when only a full backup will do.</summary>
    public static async Task<(ParentFiles? Parent, string? Lacking)> ReadAsync(
        CatalogueEntry entry, SourceFacts facts, Lsn start, NpgsqlConnection connection, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parent = entry.Manifest;
        if (parent.Timeline != facts.Timeline)
        {
            return (null, $"the server is on timeline {facts.Timeline}, and {parent.Id} is of timeline {parent.Timeline}");
        }
        if (parent.StopLsn > start)
        {
            return (null, $"{parent.Id} ends at {parent.StopLsn}, which this server has not reached: it is an older copy of itself");
        }
        if (parent.Server.HasChecksums != facts.Server.HasChecksums || parent.Server.VersionNumber / 10000 != facts.Server.Major)
        {
            return (null, $"{parent.Id} was made with other page checksums or by another version");
        }

        WalSummaries? summaries = null;
        if (facts.SummarizesWal)
        {
            (summaries, var lacking) = await WalSummaries.ReadAsync(connection, facts.Timeline, parent.StartLsn, start, clock, cancellationToken);
            if (summaries is null && !KnowsHints(facts))
            {
                return (null, lacking);
            }
        }
        if (summaries is null && !KnowsHints(facts))
        {
            // The flag that a page is all-visible would change without its LSN, and the copy would disagree with its visibility map.
            return (null, "without data_checksums, wal_log_hints or (from 17 on) summarize_wal a page may change and keep its LSN");
        }

        var index = await BackupCatalogue.ReadIndexAsync(entry.Stores[0], parent, cancellationToken);
        return (new ParentFiles(parent, index, summaries), null);
    }

    public string Method => _summaries is null ? "page LSN" : "WAL summaries";

    /// <summary>Main forks that the parent has are compared; all else is copied whole.</summary>
    public void Plan(IEnumerable<SourceFile> files, ServerFacts server)
    {
        foreach (var file in files)
        {
            if (file.Relation is not { IsMain: true } relation || !_files.TryGetValue(file.Path, out var known))
            {
                continue;
            }
            file.ParentLength = known.Length;
            if (_summaries is null)
            {
                file.ChangedSince = _parent.StartLsn;
            }
            else
            {
                file.Ranges = _summaries.Changed(relation, file.Length, known.Length, server.BlockSize, server.SegmentBlocks);
            }
        }
    }

    private static bool KnowsHints(SourceFacts facts) => facts.Server.HasChecksums || facts.LogsHints;
}
