using CardanoRwa.Core;

namespace CardanoRwa.Api.Problems;

/// <summary>The one place where a 'no' becomes RFC 9457 problem details: a stable code, what was wrong, what to do next.</summary>
public static class Refusals
{
    public static ProblemHttpResult ToProblem(this Refusal refusal)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = refusal.Code, ["hint"] = refusal.Hint };
        if (refusal.Errors is not null)
        {
            extensions["errors"] = refusal.Errors;
        }
        return TypedResults.Problem(detail: refusal.Detail, statusCode: Status(refusal.Kind), extensions: extensions);
    }

    public static ProblemHttpResult Problem(int status, string code, string detail, string hint) =>
        TypedResults.Problem(detail: detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code, ["hint"] = hint });

    private static int Status(RefusalKind kind) => kind switch
    {
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        RefusalKind.PreconditionRequired => StatusCodes.Status428PreconditionRequired,
        RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
        RefusalKind.Unprocessable => StatusCodes.Status422UnprocessableEntity,
        _ => StatusCodes.Status400BadRequest,
    };
}
