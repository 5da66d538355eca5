using System.Text.Json;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Retention;

/// <summary>That every byte of a backup was read back from a store; lies beside the backup there.</summary>
public sealed record ProofNote(DateTimeOffset At, int Objects, long Bytes, bool WasOpened, string By);

public static class Proofs
{
    /// <summary>Notes down, in each store that passed, that it did.</summary>
    public static async Task WriteAsync(CatalogueEntry entry, IReadOnlyList<StoreVerification> reports, IReadOnlyList<IObjectStore> stores, TimeProvider clock, CancellationToken cancellationToken)
    {
        foreach (var report in reports.Where(r => r.Faults.Count == 0))
        {
            var at = clock.GetUtcNow();
            var note = JsonSerializer.SerializeToUtf8Bytes(new ProofNote(at, report.Objects, report.Bytes, report.WasOpened, Environment.MachineName), RecoveryJson.Options);
            await stores.First(s => s.Name == report.Store).PutAsync(RetentionLayout.Proof(entry.Manifest.SystemId, entry.Manifest.Id, at), note, ifAbsent: true, cancellationToken);
        }
    }
}
