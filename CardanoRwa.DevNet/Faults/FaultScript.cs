using CardanoRwa.DevNet.Chain;

namespace CardanoRwa.DevNet.Faults;

/// <summary>Steps to take at their time, so that a run of faults can be written down and repeated.</summary>
public sealed class FaultScript(Node node, FaultPlan plan, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly List<(DateTimeOffset Due, ScriptStep Step)> steps = [];

    public int Left
    {
        get
        {
            lock (gate) return steps.Count;
        }
    }

    public void Add(IEnumerable<ScriptStep> added)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            steps.AddRange(added.Select(step => (now.AddMilliseconds(step.AfterMs), step)));
            steps.Sort(static (a, b) => a.Due.CompareTo(b.Due));
        }
    }

    public void Clear()
    {
        lock (gate) steps.Clear();
    }

    internal void RunDue()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (steps.Count > 0 && steps[0].Due <= now)
            {
                var step = steps[0].Step;
                steps.RemoveAt(0);
                if (step.Clear) plan.Clear();
                if (step.Fault is { } fault) plan.Add(fault);
                if (step.Rollback is { } rollback) node.Rollback(rollback.Blocks, rollback.Fate);
                if (step.Blocks > 0) node.Forge(step.Blocks);
                if (step.SkipSlots > 0) node.ChangeClock(step.SkipSlots, null);
            }
        }
    }
}

/// <param name="AfterMs">Milliseconds from when the script was handed in.</param>
/// <param name="Clear">Switch all faults off, before anything else of this step.</param>
/// <param name="Blocks">Blocks to make.</param>
public sealed record ScriptStep(int AfterMs, bool Clear = false, FaultRule? Fault = null, RollbackOrder? Rollback = null, int Blocks = 0, ulong SkipSlots = 0);

public sealed record RollbackOrder(int Blocks, RollbackFate Fate = RollbackFate.Mempool);
