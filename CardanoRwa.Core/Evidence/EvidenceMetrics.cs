using System.Diagnostics.Metrics;

namespace CardanoRwa.Core.Evidence;

public sealed class EvidenceMetrics
{
    public const string MeterName = "CardanoRwa.Evidence";
    private readonly Counter<long> _uploads, _bytes, _damaged, _checked, _pins;

    public EvidenceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _uploads = meter.CreateCounter<long>("rwa_evidence_uploads", description: "Documents taken in.");
        _bytes = meter.CreateCounter<long>("rwa_evidence_bytes", description: "Bytes of documents taken in.");
        _damaged = meter.CreateCounter<long>("rwa_evidence_damaged", description: "Reads that met stored bytes which no longer have their hash, by kind (changed or missing).");
        _checked = meter.CreateCounter<long>("rwa_evidence_checked", description: "Documents the sweep found whole.");
        _pins = meter.CreateCounter<long>("rwa_evidence_pins", description: "Pins by outcome (pinned, retry or failed).");

        // Seen from the start, or the first one would be no increase to whoever watches.
        Add(_damaged, 0, "kind", "changed");
        Add(_damaged, 0, "kind", "missing");
        Add(_pins, 0, "outcome", "failed");
    }

    public void Uploaded(long bytes)
    {
        _uploads.Add(1);
        _bytes.Add(bytes);
    }

    public void Damaged(string kind) => Add(_damaged, 1, "kind", kind);
    public void Checked() => _checked.Add(1);
    public void Pin(string outcome) => Add(_pins, 1, "outcome", outcome);

    private static void Add(Counter<long> counter, long value, string label, string name) => counter.Add(value, new KeyValuePair<string, object?>(label, name));
}
