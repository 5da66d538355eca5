using CardanoRwa.Core.Data;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Status;

/// <summary>Declares incidents and tells how they go on; the writer saves.</summary>
public sealed class IncidentDesk(RwaDbContext db)
{
    private const int MostOpen = 50;

    public async Task<Result<Incident>> DeclareAsync(DeclareIncident input, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await db.Incidents.CountAsync(i => i.State != IncidentState.Resolved, cancellationToken) >= MostOpen)
        {
            return new Refusal(RefusalKind.Conflict, "incident_limit", $"{MostOpen} incidents are open, the most there may be.", "Resolve some with POST /api/v1/incidents/{id}/resolve.");
        }
        _ = WireNames.TryParse<IncidentImpact>(input.Impact!, out var impact);
        _ = WireNames.TryParse<IncidentState>(input.State ?? "investigating", out var state);
        var incident = new Incident
        {
            Id = stamp.EntityId,
            Title = input.Title!.Trim(),
            Impact = impact,
            State = state,
            Affected = [.. (input.Components ?? []).Distinct(StringComparer.Ordinal)],
            DeclaredBy = stamp.Actor,
            DeclaredAt = stamp.At,
        };
        db.Incidents.Add(incident);
        Tell(incident, input.Message!, stamp);
        return incident;
    }

    public async Task<Result<Incident>> UpdateAsync(Guid id, UpdateIncident input, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        // One update after the other: the newest names the state.
        if (await db.Incidents.FromSql($"SELECT * FROM incidents WHERE id = {id} FOR NO KEY UPDATE").SingleOrDefaultAsync(cancellationToken) is not { } incident)
        {
            return NotFound(id);
        }
        await db.Entry(incident).Collection(i => i.Updates).LoadAsync(cancellationToken);
        if (incident.State == IncidentState.Resolved)
        {
            return new Refusal(RefusalKind.Conflict, "incident_resolved", $"Incident {id} is resolved, and what was told stays.", "Declare a new one with POST /api/v1/incidents.");
        }
        if (input.State is not null && WireNames.TryParse<IncidentState>(input.State, out var state))
        {
            incident.State = state;
        }
        incident.ResolvedAt = incident.State == IncidentState.Resolved ? stamp.At : null;
        Tell(incident, input.Message!, stamp);
        return incident;
    }

    public Task<Incident?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        db.Incidents.AsNoTracking().Include(i => i.Updates).SingleOrDefaultAsync(i => i.Id == id, cancellationToken);

    /// <summary>Newest first: ids sort by the time of the declaration.</summary>
    public Task<List<Incident>> ListAsync(Guid beforeId, int limit, CancellationToken cancellationToken) =>
        db.Incidents.AsNoTracking().Include(i => i.Updates).Where(i => i.Id < beforeId).OrderByDescending(i => i.Id).Take(limit).ToListAsync(cancellationToken);

    /// <summary>All that are open, and what was resolved since.</summary>
    public Task<List<Incident>> ListCurrentAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        db.Incidents.AsNoTracking().Include(i => i.Updates)
            .Where(i => i.State != IncidentState.Resolved || i.ResolvedAt >= since)
            .OrderByDescending(i => i.Id).Take(limit).ToListAsync(cancellationToken);

    public static Refusal NotFound(Guid id) => new(RefusalKind.NotFound, "incident_not_found", $"There is no incident {id}.", "List them with GET /api/v1/incidents.");

    private void Tell(Incident incident, string message, ChangeStamp stamp)
    {
        var update = new IncidentUpdate
        {
            Id = stamp.EntityId,
            IncidentId = incident.Id,
            State = incident.State,
            Message = message.Trim().ReplaceLineEndings("\n"),
            Author = stamp.Actor,
            At = stamp.At,
        };
        incident.Updates.Add(update);
        db.IncidentUpdates.Add(update);
    }
}
