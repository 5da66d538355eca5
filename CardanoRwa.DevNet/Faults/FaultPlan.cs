using CardanoRwa.DevNet.Chain;
using Microsoft.Extensions.Options;

namespace CardanoRwa.DevNet.Faults;

/// <summary>The faults that are switched on.</summary>
public sealed class FaultPlan(Node node, IOptions<DevNetOptions> options)
{
    private const int MempoolFull = 425;

    private readonly Lock gate = new();
    private readonly List<ActiveFault> active = [];
    private readonly Random chance = new(options.Value.Seed);

    public IReadOnlyList<ActiveFault> Active
    {
        get
        {
            lock (gate) return [.. active];
        }
    }

    public void Add(FaultRule rule)
    {
        lock (gate)
        {
            active.Add(new ActiveFault(rule, rule.Times, 0));
            Lag();
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            active.Clear();
            Lag();
        }
    }

    /// <summary>The faults that strike this request, each counted once.</summary>
    internal IReadOnlyList<FaultRule> Strike(string path, bool isSubmit)
    {
        lock (gate)
        {
            List<FaultRule>? striking = null;
            for (var i = 0; i < active.Count; i++)
            {
                var fault = active[i];
                if (!Matches(fault.Rule, path, isSubmit) || (fault.Rule.Probability < 1 && chance.NextDouble() >= fault.Rule.Probability)) continue;
                (striking ??= []).Add(fault.Rule);
                active[i] = fault with { Left = fault.Left - 1, Struck = fault.Struck + 1 };
            }

            if (striking is not null) active.RemoveAll(static f => f.Left <= 0);
            return striking is null ? [] : striking;
        }
    }

    private static bool Matches(FaultRule rule, string path, bool isSubmit) =>
        rule.Kind != FaultKind.Stale
        && (isSubmit || rule.Kind != FaultKind.Status || rule.Status != MempoolFull)
        && (rule.Path is null || path.StartsWith(rule.Path, StringComparison.OrdinalIgnoreCase));

    private void Lag() => node.IndexLag = TimeSpan.FromMilliseconds(active.Where(static f => f.Rule.Kind == FaultKind.Stale).Select(static f => f.Rule.Milliseconds).DefaultIfEmpty().Max());
}

/// <param name="Left">Requests it will still strike; null if it is not counted.</param>
public sealed record ActiveFault(FaultRule Rule, int? Left, long Struck);
