using System.Text.Json;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Status;
using CardanoRwa.Core.Auth;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Recovery;
using CardanoRwa.Core.Restored;
using CardanoRwa.Core.Status;
using CardanoRwa.Core.Webhooks;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace CardanoRwa.Api.Ops;

/// <summary>The operator page: what the Api's endpoints do, for a person with a browser.</summary>
internal static class OpsEndpoints
{
    public const string Path = "/ops";
    public const string SignInPath = "/ops/sign-in";
    private static readonly AuthorizationPolicy Operators = new AuthorizationPolicyBuilder(OpsSessionHandler.SchemeName).RequireAuthenticatedUser().RequireRole(Roles.Operator, Roles.Admin).Build();

    public static IHostApplicationBuilder AddOperatorPage(this IHostApplicationBuilder builder)
    {
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, OpsSessionHandler>(OpsSessionHandler.SchemeName, null);
        return builder;
    }

    public static WebApplication MapOperatorPage(this WebApplication app)
    {
        var open = app.MapGroup(SignInPath).AllowAnonymous().ExcludeFromDescription().AddEndpointFilter(OpsForm.CheckAsync);
        open.MapGet("/", SignIn.Show);
        open.MapPost("/", SignIn.EnterAsync);

        var ops = app.MapGroup(Path).RequireAuthorization(Operators).ExcludeFromDescription().AddEndpointFilter(OpsForm.CheckAsync);
        ops.MapGet("/", Overview);
        ops.MapPost("/sign-out", SignIn.LeaveAsync);
        ops.MapPost("/backups", Backup);
        ops.MapPost("/drills", Drill);
        ops.MapGet("/jobs/{jobId:guid}", Job);
        ops.MapPost("/jobs/{jobId:guid}/cancel", Cancel);
        ops.MapPost("/dead-letters/{deliveryId:guid}/redeliver", Redeliver);
        ops.MapPost("/incidents", Declare);
        ops.MapGet("/incidents/{incidentId:guid}", Incident);
        ops.MapPost("/incidents/{incidentId:guid}/updates", Update);
        return app;
    }

    private static async Task<IResult> Overview(string? done, HttpContext context, OperatorReader reader, CancellationToken cancellationToken) =>
        OpsPage.Of(await reader.ReadAsync(cancellationToken), Desk(context), done);

    private static Task<IResult> Backup(HttpContext context, JobDesk desk, CancellationToken cancellationToken)
    {
        var parameters = new RawJson(JsonSerializer.Serialize(new RequestBackup(Form(context)["incremental"] is not null), RegistryJson.Default.RequestBackup));
        return Form(context).ExecuteAsync((stamp, token) => desk.RequestAsync(BackupJobs.Kind, parameters, stamp, token), PathOf, cancellationToken);
    }

    private static Task<IResult> Drill(HttpContext context, JobDesk desk, CancellationToken cancellationToken)
    {
        var request = new RequestDrill(Form(context)["full"] is not null);
        return Form(context).ExecuteAsync((stamp, token) => desk.RequestAsync(DrillRequests.JobKind, request.ToParameters(stamp.Actor), stamp, token), PathOf, cancellationToken);
    }

    private static async Task<IResult> Job(Guid jobId, HttpContext context, JobDesk desk, TimeProvider clock, CancellationToken cancellationToken) =>
        await desk.FindAsync(jobId, cancellationToken) is { } job ? JobPage.Of(job, Desk(context), clock.GetUtcNow()) : OpsProblem.Of(JobDesk.NotFound(jobId));

    private static Task<IResult> Cancel(Guid jobId, HttpContext context, JobDesk desk, CancellationToken cancellationToken) =>
        Form(context).ExecuteAsync((stamp, token) => desk.CancelAsync(jobId, stamp, token), PathOf, cancellationToken);

    private static Task<IResult> Redeliver(Guid deliveryId, HttpContext context, WebhookDesk desk, CancellationToken cancellationToken) =>
        Form(context).ExecuteAsync((stamp, token) => desk.RedeliverAsync(deliveryId, stamp, token), _ => $"{Path}?done=redelivered#dead-letters", cancellationToken);

    private static Task<IResult> Declare(HttpContext context, IncidentDesk desk, StatusBoard board, CancellationToken cancellationToken)
    {
        var form = Form(context);
        var input = new DeclareIncident(form["title"], form["impact"], form["message"], form.Many("components"));
        return TellAsync(input.Validate(), form, board, (stamp, token) => desk.DeclareAsync(input, stamp, token), cancellationToken);
    }

    private static async Task<IResult> Incident(Guid incidentId, HttpContext context, IncidentDesk desk, CancellationToken cancellationToken) =>
        await desk.FindAsync(incidentId, cancellationToken) is { } incident ? IncidentPage.Of(incident, Desk(context)) : OpsProblem.Of(IncidentDesk.NotFound(incidentId));

    private static Task<IResult> Update(Guid incidentId, HttpContext context, IncidentDesk desk, StatusBoard board, CancellationToken cancellationToken)
    {
        var form = Form(context);
        var input = new UpdateIncident(form["message"], form["state"]);
        return TellAsync(input.Validate(), form, board, (stamp, token) => desk.UpdateAsync(incidentId, input, stamp, token), cancellationToken);
    }

    private static async Task<IResult> TellAsync(
        Core.Refusal? invalid, OpsForm form, StatusBoard board, Func<ChangeStamp, CancellationToken, Task<Core.Result<Incident>>> change, CancellationToken cancellationToken)
    {
        if (invalid is not null)
        {
            return OpsProblem.Of(invalid);
        }
        var answer = await form.ExecuteAsync(change, incident => $"{Path}/incidents/{incident.Id}", cancellationToken);
        board.Nudge();
        return answer;
    }

    private static OpsForm Form(HttpContext context) => context.Features.Get<OpsForm>()!;

    private static OpsDesk Desk(HttpContext context) => new(context.User.Actor(), OpsCookie.FormToken(OpsCookie.Read(context.Request)!));

    private static string PathOf(Job job) => $"{Path}/jobs/{job.Id}";
}
