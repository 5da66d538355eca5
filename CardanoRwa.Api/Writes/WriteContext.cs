using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Problems;
using CardanoRwa.Core;

namespace CardanoRwa.Api.Writes;

/// <summary>A write under way: who asks, under which key, and the way to carry it out exactly once.</summary>
internal sealed class WriteContext(RegistryWriter writer, IHttpContextAccessor accessor)
{
    public WriteRequest Request => accessor.HttpContext!.WriteRequest();

    public async Task<Results<Written, ProblemHttpResult>> ExecuteAsync<T>(
        Func<ChangeStamp, CancellationToken, Task<Result<T>>> change, Func<T, WriteResponse> present, CancellationToken cancellationToken)
    {
        var result = await writer.ExecuteAsync(Request, change, present, cancellationToken);
        return result.IsRefused(out var refusal, out var response) ? refusal.ToProblem() : new Written(response);
    }
}

/// <summary>The answer to a write, as stored.</summary>
internal sealed class Written(WriteResponse response) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var http = httpContext.Response;
        http.StatusCode = response.StatusCode;
        http.ContentType = "application/json; charset=utf-8";
        http.ContentLength = response.Body.Length;
        if (response.Location is not null)
        {
            http.Headers.Location = response.Location;
        }
        if (response.ETag is not null)
        {
            http.Headers.ETag = response.ETag;
        }
        if (response.Replayed)
        {
            http.Headers["Idempotency-Replayed"] = "true";
        }
        await http.Body.WriteAsync(response.Body, httpContext.RequestAborted);
    }
}

internal static class WritesSetup
{
    public static WriteRequest WriteRequest(this HttpContext context)
    {
        var facts = context.Features.Get<WriteFacts>()!;
        return new WriteRequest(context.User.Actor(), facts.Key, facts.RequestHash);
    }

    public static IHostApplicationBuilder AddWrites(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddScoped<WriteContext>();
        builder.Services.AddScoped<Imports.ImportSession>();
        builder.Services.AddScoped<Evidence.EvidenceUpload>();
        return builder;
    }
}
