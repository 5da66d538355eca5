using CardanoRwa.DevNet.Blockfrost;

namespace CardanoRwa.DevNet.Faults;

/// <summary>Stands before the endpoints that stand in for real services, and there alone: the way to switch a fault off stays open.</summary>
internal sealed class FaultFilter(FaultPlan plan, TimeProvider time) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var path = ApiPaths.WithoutPrefix(http.Request.Path);
        var cut = false;
        foreach (var fault in plan.Strike(path, path == "/tx/submit"))
        {
            switch (fault.Kind)
            {
                case FaultKind.Delay:
                    await Task.Delay(TimeSpan.FromMilliseconds(fault.Milliseconds), time, http.RequestAborted);
                    break;
                case FaultKind.Status:
                    if (fault.RetryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
                    var (error, message) = FaultAnswers.Texts[fault.Status];
                    return Results.Json(new ApiError(fault.Status, error, message), statusCode: fault.Status);
                case FaultKind.Timeout:
                    var answer = await next(context);
                    await Task.Delay(TimeSpan.FromMilliseconds(fault.Milliseconds), time, http.RequestAborted);
                    http.Abort();
                    cut = answer is not null;
                    break;
            }

            if (cut) return Results.Empty;
        }

        return await next(context);
    }
}
