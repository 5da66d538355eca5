using System.Diagnostics;
using System.Text.Json.Serialization;
using CardanoRwa.Api.Ops;
using CardanoRwa.Core.Data;

namespace CardanoRwa.Api.Problems;

internal static class ProblemsSetup
{
    public static IHostApplicationBuilder AddProblems(this IHostApplicationBuilder builder)
    {
        builder.Services.AddExceptionHandler<ProblemMapper>();
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
            context.ProblemDetails.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? context.HttpContext.TraceIdentifier);
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            var json = options.SerializerOptions;
            json.TypeInfoResolverChain.Insert(0, RegistryJson.Default);
            json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.AllowDuplicateProperties = false;
            json.NumberHandling = JsonNumberHandling.Strict;
            json.MaxDepth = 32;
        });
        return builder;
    }

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages(context => OpsProblem.For(context.HttpContext, ForStatus(context.HttpContext)).ExecuteAsync(context.HttpContext));
    }

    /// <summary>Until the schema is there the Api answers 503; its liveness is not in question.</summary>
    public static void UseSchemaGate(this WebApplication app) => app.Use(async (context, next) =>
    {
        var schema = context.RequestServices.GetRequiredService<SchemaState>();
        if (schema.IsCurrent || !context.Request.Path.StartsWithSegments("/api") || await schema.CheckAsync(context.RequestAborted))
        {
            await next(context);
            return;
        }
        context.Response.Headers.RetryAfter = "1";
        await Refusals.Problem(503, "starting", "The platform is starting.", "Repeat the request after the time in Retry-After.").ExecuteAsync(context);
    });

    private static ProblemHttpResult ForStatus(HttpContext context) => context.Response.StatusCode switch
    {
        401 => Refusals.Problem(401, "unauthenticated", "The request carries no valid credentials.", "Send X-Api-Key or a bearer token."),
        403 => Refusals.Problem(403, "forbidden", "The credentials do not allow this.", "Use credentials that have the role this endpoint asks for; see /openapi/v1.json."),
        404 => Refusals.Problem(404, "not_found", "There is nothing at this address.", "See /openapi/v1.json for what there is; ids are UUIDs."),
        405 => Refusals.Problem(405, "method_not_allowed", $"{Safe(context.Request.Method)} is not possible here.", "See the Allow header."),
        415 => Refusals.Problem(415, "unsupported_media_type", "The body's media type is not one this endpoint reads.", "Send Content-Type: application/json."),
        var status => Refusals.Problem(status, "request_failed", "The request was refused.", "See /openapi/v1.json."),
    };

    private static string Safe(string method) => method.Length <= 10 ? method : "This method";
}
