using System.Text.Json;
using CardanoRwa.Api.Ops;
using CardanoRwa.Storage;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CardanoRwa.Api.Problems;

/// <summary>Turns what was thrown into an answer that a client can act on, without the exception's text.</summary>
internal sealed partial class ProblemMapper(ILogger<ProblemMapper> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }
        var problem = Map(exception);
        if (problem.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "2";
            LogUnavailable(logger, context.Request.Method, context.Request.Path, exception.GetBaseException().Message);
        }
        else if (problem.StatusCode >= 500)
        {
            LogBug(logger, exception, context.Request.Method, context.Request.Path);
        }
        await OpsProblem.For(context, problem).ExecuteAsync(context);
        return true;
    }

    private static ProblemHttpResult Map(Exception exception) => exception switch
    {
        BadHttpRequestException bad => Bad(bad),
        RetryLimitExceededException { InnerException: { } inner } => Map(inner),
        Microsoft.EntityFrameworkCore.DbUpdateException { InnerException: NpgsqlException inner } => Map(inner),
        PostgresException { SqlState: ['2', '2', ..] } => Refusals.Problem(400, "data_out_of_range", "A value cannot be stored.", "Check for characters or numbers outside of what the field allows."),
        // No primary any more, or not yet; the write was not carried out.
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => Refusals.Problem(503, "database_read_only", "The database takes no writes at the moment.", "Reads go on. Repeat the request with the same Idempotency-Key after the time in Retry-After."),
        PostgresException { SqlState: ['5', '7', 'P', '0', ..] } => Unavailable(),
        // A server that is up and refuses for a reason of ours is a bug; all else about connections is an outage.
        PostgresException { IsTransient: false } => Bug(),
        NpgsqlException or TimeoutException => Unavailable(),
        StoreException => Refusals.Problem(503, "store_unavailable", "The store for documents does not answer.", "Repeat the request with the same Idempotency-Key after the time in Retry-After."),
        InvalidOperationException { InnerException: NpgsqlException { } inner } => Map(inner),
        _ => Bug(),
    };

    private static ProblemHttpResult Unavailable() =>
        Refusals.Problem(503, "database_unavailable", "The database does not answer.", "Repeat the request with the same Idempotency-Key after the time in Retry-After.");

    private static ProblemHttpResult Bug() =>
        Refusals.Problem(500, "internal_error", "Something unexpected went wrong; it has been recorded.", "Report the traceId. A write that carried an Idempotency-Key can be repeated safely.");

    private static ProblemHttpResult Bad(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => Refusals.Problem(413, "body_too_large", "The request's body is too large.", "Send less at once; bulk data goes to POST /api/v1/assets/import."),
        StatusCodes.Status415UnsupportedMediaType => Refusals.Problem(415, "unsupported_media_type", "The body's media type is not one this endpoint reads.", "Send Content-Type: application/json."),
        StatusCodes.Status408RequestTimeout => Refusals.Problem(408, "body_too_slow", "The request's body arrived too slowly.", "Repeat the request."),
        _ when bad.InnerException is JsonException json => Refusals.Problem(400, "invalid_json", $"The body is not the JSON this endpoint reads{At(json)}.", "Compare it with the schema at /openapi/v1.json; members it does not name are refused."),
        _ => Refusals.Problem(bad.StatusCode, "malformed_request", "The request is malformed.", "Compare its path, query and body with /openapi/v1.json."),
    };

    private static string At(JsonException json) => json.Path is { Length: > 1 and < 200 } path ? $" (at {path})" : json.LineNumber is { } line ? $" (line {line + 1})" : "";

    [LoggerMessage(900, LogLevel.Warning, "{Method} {Path} answered 503: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string method, string path, string reason);

    [LoggerMessage(901, LogLevel.Error, "{Method} {Path} failed.")]
    private static partial void LogBug(ILogger logger, Exception exception, string method, string path);
}
