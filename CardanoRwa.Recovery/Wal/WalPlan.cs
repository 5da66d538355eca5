namespace CardanoRwa.Recovery.Wal;

/// <summary>From where to receive, and on which timelines until where.</summary>
/// <param name="Steps">One after another; the last has no end.</param>
/// <param name="Archived">Where the stores' WAL ends on the first step's timeline; null when it has none of it.</param>
internal sealed record WalPlan(IReadOnlyList<WalStep> Steps, (uint Timeline, Lsn End)? Archived)
{
    /// <param name="server">The timeline the database is on and where its log ends.</param>
    /// <param name="slot">From where the slot keeps WAL.</param>
    /// <param name="switches">The history of the database's timeline.</param>
    /// <param name="archived">Where the stores' WAL of each timeline ends, the best of them.</param>
    /// <returns>Null when the stores have WAL that the database has not: it was set back, and what it writes now contradicts them.</returns>
    public static WalPlan? Make((uint Timeline, Lsn End) server, Lsn slot, IReadOnlyList<TimelineSwitch> switches, IReadOnlyDictionary<uint, Lsn> archived, int segmentSize)
    {
        if (archived.TryGetValue(server.Timeline, out var own))
        {
            return own > server.End ? null : new WalPlan([new WalStep(server.Timeline, Before(own, segmentSize), null)], (server.Timeline, own));
        }
        for (var i = switches.Count - 1; i >= 0; i--)
        {
            var left = switches[i];
            if (!archived.TryGetValue(left.From, out var end))
            {
                continue;
            }
            // Beyond the switch the old timeline's WAL is of no use to the new one, and is kept all the same.
            var steps = end < left.At ? [new WalStep(left.From, Before(end, segmentSize), left.At)] : new List<WalStep>();
            for (var j = i + 1; j < switches.Count; j++)
            {
                steps.Add(new WalStep(switches[j].From, SegmentStart(switches[j - 1].At, segmentSize), switches[j].At));
            }
            steps.Add(new WalStep(server.Timeline, SegmentStart(switches[^1].At, segmentSize), null));
            return new WalPlan(steps, (left.From, end));
        }
        return new WalPlan([new WalStep(server.Timeline, SegmentStart(slot, segmentSize), null)], null);
    }

    // A segment of which all is stored in parts is received once more, to store it whole.
    private static Lsn Before(Lsn end, int segmentSize) => SegmentStart(new Lsn(Math.Max(1, (ulong)end) - 1), segmentSize);

    private static Lsn SegmentStart(Lsn position, int segmentSize) => new((ulong)position / (ulong)segmentSize * (ulong)segmentSize);
}

/// <param name="Until">Where the timeline was left; null for the one that the database writes.</param>
internal sealed record WalStep(uint Timeline, Lsn Start, Lsn? Until);

/// <summary>WAL that no store has and the database has no more: nothing can be restored across it.</summary>
public sealed record WalGap(uint Timeline, Lsn From, Lsn To, DateTimeOffset FoundAt)
{
    public override string ToString() => $"timeline {Timeline} from {From} to {To}";
}
