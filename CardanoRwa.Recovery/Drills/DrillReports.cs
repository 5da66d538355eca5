using System.Text;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Drills;

/// <summary>
/// Reports beside the backups, as JSON and as Markdown. The JSON ends with a tag by the drilled backup's data key: only who could open the
/// backup can have written it. A report of a drill that could open nothing is tagged with a key of its own.
/// </summary>
public sealed class DrillReports(IReadOnlyList<IObjectStore> stores, KeyRing keys)
{
    public static string Folder(string systemId) => $"{systemId}/drills/";

    public async Task<DrillReport> WriteAsync(DrillReport report, Action<string, string> onFailure, CancellationToken cancellationToken)
    {
        using var key = await KeyAsync(report, cancellationToken);
        report = report with { KeyId = key.Id };
        await PutAsync($"{Folder(report.SystemId)}{report.Id}/report.json", TaggedJson.ToBytes(report, key));
        await PutAsync($"{Folder(report.SystemId)}{report.Id}/report.md", Encoding.UTF8.GetBytes(DrillMarkdown.Write(report)));
        return report;

        async Task PutAsync(string name, byte[] bytes)
        {
            await using var upload = await FanoutUpload.CreateAsync(stores, name, (store, e) => onFailure(store.Name, e.Message), cancellationToken);
            await upload.WriteAsync(bytes, cancellationToken);
            await upload.CompleteAsync(ifAbsent: true, cancellationToken);
        }
    }

    /// <summary>From whichever stores answer, oldest first. Listing needs no key and checks no tag.</summary>
    public async Task<IReadOnlyList<DrillReport>> ListAsync(string? systemId, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, DrillReport>(StringComparer.Ordinal);
        StoreException? failure = null;
        var answered = 0;
        foreach (var store in stores)
        {
            try
            {
                await foreach (var item in store.ListAsync(systemId is null ? "" : Folder(systemId), cancellationToken))
                {
                    if (item.Key.Split('/') is [_, "drills", var id, "report.json"] && !found.ContainsKey(id) && await store.GetAsync(item.Key, cancellationToken) is { } bytes)
                    {
                        found[id] = TaggedJson.Parse<DrillReport>(item.Key, bytes);
                    }
                }
                answered++;
            }
            catch (StoreException e)
            {
                failure = e;
            }
        }
        return answered == 0 && failure is not null ? throw failure : [.. found.Values.OrderBy(r => r.StartedAt).ThenBy(r => r.Id, StringComparer.Ordinal)];
    }

    /// <summary>One report, whose tag is checked where a key is at hand; null when no store has it.</summary>
    public async Task<Outcome<(DrillReport Report, bool IsAuthentic)>?> FindAsync(string id, CancellationToken cancellationToken)
    {
        foreach (var store in stores)
        {
            await foreach (var item in store.ListAsync("", cancellationToken))
            {
                if (item.Key.Split('/') is not [_, "drills", var found, "report.json"] || found != id || await store.GetAsync(item.Key, cancellationToken) is not { } bytes)
                {
                    continue;
                }
                var report = TaggedJson.Parse<DrillReport>(item.Key, bytes);
                if (!keys.CanOpen)
                {
                    return (Outcome<(DrillReport, bool)>)(report, false);
                }
                if ((await keys.OpenAsync(report.KeyId, cancellationToken)).IsRefused(out var refusal, out var key))
                {
                    return (Outcome<(DrillReport, bool)>)refusal;
                }
                using (key)
                {
                    TaggedJson.Authenticate(item.Key, bytes, key);
                    return (Outcome<(DrillReport, bool)>)(report, true);
                }
            }
        }
        return null;
    }

    private async Task<DataKey> KeyAsync(DrillReport report, CancellationToken cancellationToken)
    {
        var listing = await new BackupCatalogue(stores).ListAsync(report.SystemId, cancellationToken);
        if (report.Attempts[0] is { Backup: { } backup, Times: not null } && listing.Find(backup) is { } entry
            && !(await keys.OpenAsync(entry.Manifest.DataKeyId, cancellationToken)).IsRefused(out _, out var key))
        {
            return key;
        }
        return await keys.CreateAsync((_, _) => { }, cancellationToken);
    }
}
