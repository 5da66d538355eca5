using System.Text.Json;
using CardanoRwa.Api.Assets;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Pages;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core.Status;

namespace CardanoRwa.Api.Status;

internal static class IncidentEndpoints
{
    public static RouteGroupBuilder MapIncidents(this RouteGroupBuilder v1)
    {
        var incidents = v1.MapGroup("/incidents").WithTags("Incidents");
        incidents.MapPost("/", Declare).Operates().WithSummary("Tells the public of a disturbance.").Produces<IncidentView>(201).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422);
        incidents.MapGet("/", List).AllowAnonymous().WithSummary("Incidents as the public sees them, newest first.").ProducesProblem(400);
        incidents.MapGet("/{incidentId:guid}", Get).AllowAnonymous().WithSummary("One incident with its updates.").ProducesProblem(404);
        incidents.MapPost("/{incidentId:guid}/updates", Update).Operates().WithSummary("Tells how it goes on.").Produces<IncidentView>(201).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        incidents.MapPost("/{incidentId:guid}/resolve", Resolve).Operates().WithSummary("Tells that it is over, for good.").Produces<IncidentView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        return v1;
    }

    private static Task<Results<Written, ProblemHttpResult>> Declare(DeclareIncident input, WriteContext write, IncidentDesk desk, StatusBoard board, CancellationToken cancellationToken) =>
        WriteAsync(input.Validate(), write, board, (stamp, token) => desk.DeclareAsync(input, stamp, token), 201, cancellationToken);

    private static Task<Results<Written, ProblemHttpResult>> Update(Guid incidentId, UpdateIncident input, WriteContext write, IncidentDesk desk, StatusBoard board, CancellationToken cancellationToken) =>
        WriteAsync(input.Validate(), write, board, (stamp, token) => desk.UpdateAsync(incidentId, input, stamp, token), 201, cancellationToken);

    private static Task<Results<Written, ProblemHttpResult>> Resolve(Guid incidentId, ResolveIncident input, WriteContext write, IncidentDesk desk, StatusBoard board, CancellationToken cancellationToken)
    {
        var update = new UpdateIncident(input.Message ?? "Resolved.", "resolved");
        return WriteAsync(update.Validate(), write, board, (stamp, token) => desk.UpdateAsync(incidentId, update, stamp, token), 200, cancellationToken);
    }

    private static async Task<Results<Ok<IncidentPage>, ProblemHttpResult>> List(string? limit, string? cursor, HttpContext context, IncidentDesk desk, CancellationToken cancellationToken)
    {
        if (KeysetPage.Parse(limit, cursor).IsRefused(out var refusal, out var page))
        {
            return refusal.ToProblem();
        }
        var rows = await desk.ListAsync(page.BeforeId, page.Limit + 1, cancellationToken);
        var (items, next) = page.Cut(rows, i => (DateOnly.MaxValue, i.Id));
        context.Response.Headers.CacheControl = CacheHeaders.Status;
        return TypedResults.Ok(new IncidentPage([.. items.Select(IncidentView.Of)], next));
    }

    private static async Task<Results<Ok<IncidentView>, ProblemHttpResult>> Get(Guid incidentId, HttpContext context, IncidentDesk desk, CancellationToken cancellationToken)
    {
        if (await desk.FindAsync(incidentId, cancellationToken) is not { } incident)
        {
            return IncidentDesk.NotFound(incidentId).ToProblem();
        }
        context.Response.Headers.CacheControl = CacheHeaders.Status;
        return TypedResults.Ok(IncidentView.Of(incident));
    }

    private static async Task<Results<Written, ProblemHttpResult>> WriteAsync(
        Core.Refusal? invalid, WriteContext write, StatusBoard board, Func<ChangeStamp, CancellationToken, Task<Core.Result<Incident>>> change, int status, CancellationToken cancellationToken)
    {
        if (invalid is not null)
        {
            return invalid.ToProblem();
        }
        var answer = await write.ExecuteAsync(change, incident => Present(incident, status), cancellationToken);
        board.Nudge();
        return answer;
    }

    private static WriteResponse Present(Incident incident, int status) => new(
        status, JsonSerializer.SerializeToUtf8Bytes(IncidentView.Of(incident), RegistryJson.Default.IncidentView), status == 201 ? $"/api/v1/incidents/{incident.Id}" : null);
}
