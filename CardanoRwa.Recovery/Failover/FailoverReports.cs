using System.Text;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Failover;

/// <summary>Reports beside those of the restore drills, tagged in the same way, with a data key of their own.</summary>
public sealed class FailoverReports(IReadOnlyList<IObjectStore> stores, KeyRing keys)
{
    public static string Folder(string systemId) => $"{systemId}/failovers/";

    public async Task<FailoverReport> WriteAsync(FailoverReport report, Action<string, string> onFailure, CancellationToken cancellationToken)
    {
        using var key = await keys.CreateAsync((store, e) => onFailure(store.Name, e.Message), cancellationToken);
        report = report with { KeyId = key.Id };
        await PutAsync("report.json", TaggedJson.ToBytes(report, key));
        await PutAsync("report.md", Encoding.UTF8.GetBytes(report.ToMarkdown()));
        return report;

        async Task PutAsync(string name, byte[] bytes)
        {
            await using var upload = await FanoutUpload.CreateAsync(stores, $"{Folder(report.SystemId)}{report.Id}/{name}", (store, e) => onFailure(store.Name, e.Message), cancellationToken);
            await upload.WriteAsync(bytes, cancellationToken);
            await upload.CompleteAsync(ifAbsent: true, cancellationToken);
        }
    }
}
