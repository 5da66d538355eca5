using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Status;

/// <summary>Tells the public of a disturbance.</summary>
/// <param name="Title">Up to 200 characters; everyone reads it.</param>
/// <param name="Impact">minor, major or critical.</param>
/// <param name="Message">What is known, up to 2,000 characters; everyone reads it.</param>
/// <param name="Components">Which parts: api, database, cache, worker, chain, ipfs, stores.</param>
/// <param name="State">investigating (when absent), identified or monitoring.</param>
public sealed record DeclareIncident(string? Title, string? Impact, string? Message, IReadOnlyList<string>? Components = null, string? State = null)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        errors.Line("title", Title, max: 200, min: 1);
        UpdateIncident.CheckMessage(errors, Message);
        if (Impact is null || !WireNames.TryParse<IncidentImpact>(Impact, out _))
        {
            errors.Add("impact", "must be minor, major or critical");
        }
        if (State is not (null or "investigating" or "identified" or "monitoring"))
        {
            errors.Add("state", "must be investigating, identified or monitoring");
        }
        if (Components?.Any(c => c is null || !Status.Components.All.Contains(c)) == true)
        {
            errors.Add("components", $"must each be one of {string.Join(", ", Status.Components.All)}");
        }
        return errors.ToRefusal();
    }
}

/// <summary>Tells the public how it goes on.</summary>
/// <param name="Message">Up to 2,000 characters; everyone reads it.</param>
/// <param name="State">investigating, identified, monitoring or resolved; as it was when absent.</param>
public sealed record UpdateIncident(string? Message, string? State = null)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        CheckMessage(errors, Message);
        if (State is not null && !WireNames.TryParse<IncidentState>(State, out _))
        {
            errors.Add("state", "must be investigating, identified, monitoring or resolved");
        }
        return errors.ToRefusal();
    }

    internal static void CheckMessage(FieldErrors errors, string? message)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            errors.Add("message", "is required");
        }
        errors.Prose("message", message, max: 2_000);
    }
}

/// <summary>A disturbance as the public is told of it.</summary>
/// <param name="Impact">minor, major or critical.</param>
/// <param name="State">investigating, identified, monitoring or resolved.</param>
/// <param name="Updates">Newest first.</param>
public sealed record IncidentView(
    Guid Id, string Title, string Impact, string State, IReadOnlyList<string> Components, DateTimeOffset DeclaredAt, DateTimeOffset? ResolvedAt, IReadOnlyList<IncidentUpdateView> Updates)
{
    public static IncidentView Of(Incident i) => new(
        i.Id, i.Title, i.Impact.Wire(), i.State.Wire(), i.Affected, i.DeclaredAt, i.ResolvedAt,
        [.. i.Updates.OrderByDescending(u => u.Id).Select(u => new IncidentUpdateView(u.Id, u.State.Wire(), u.Message, u.At))]);
}

public sealed record IncidentUpdateView(Guid Id, string State, string Message, DateTimeOffset At);

public sealed record IncidentPage(IReadOnlyList<IncidentView> Items, string? Next);

/// <summary>Tells the public that it is over.</summary>
/// <param name="Message">Up to 2,000 characters; 'Resolved.' when absent.</param>
public sealed record ResolveIncident(string? Message = null);
