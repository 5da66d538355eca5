using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Pages;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core;

namespace CardanoRwa.Api.Ops;

/// <summary>A form of the operator page: its fields, and the way to carry it out exactly once however often its button is pressed.</summary>
internal sealed class OpsForm(IFormCollection fields, HttpContext context)
{
    public const string TokenField = "form";
    public const string KeyField = "key";

    /// <summary>Null when it was left empty.</summary>
    public string? this[string field] => fields[field] is [{ Length: > 0 } text] ? text : null;

    public IReadOnlyList<string> Many(string field) => [.. fields[field].OfType<string>()];

    /// <param name="change">As the Api's endpoint would make it.</param>
    /// <param name="next">Where the browser goes when it is made.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IResult> ExecuteAsync<T>(Func<ChangeStamp, CancellationToken, Task<Result<T>>> change, Func<T, string> next, CancellationToken cancellationToken)
    {
        var request = new WriteRequest(context.User.Actor(), $"ops-{Guid.Parse(this[KeyField]!):N}", context.Features.Get<WriteFacts>()!.RequestHash);
        var writer = context.RequestServices.GetRequiredService<RegistryWriter>();
        var result = await writer.ExecuteAsync(request, change, made => new WriteResponse(StatusCodes.Status303SeeOther, [], next(made)), cancellationToken);
        return result.IsRefused(out var refusal, out var response) ? OpsProblem.Of(refusal) : new SeeOther(response.Location!);
    }

    /// <summary>Only forms of this page, from the browser that was given them, go on to their handlers.</summary>
    public static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            return await next(invocation);
        }
        if (!context.Request.HasFormContentType)
        {
            return OpsProblem.Page(415, "That is no form", "Go back to the page and use its buttons.");
        }
        var form = new OpsForm(await context.Request.ReadFormAsync(context.RequestAborted), context);
        if (!OpsCookie.IsOwnForm(context.Request, form[TokenField]) || !Guid.TryParse(form[KeyField], out _))
        {
            return OpsProblem.Page(403, "That form is out of date", "It was made for another session, or none. Load the page again and repeat it there; nothing was changed.");
        }
        context.Features.Set(form);
        return await next(invocation);
    }

    public static Html Start(string action, string formToken, string look = "") => Html.Of($"""
        <form method="post" action="{action}" class="{look}"><input type="hidden" name="{TokenField}" value="{formToken}"><input type="hidden" name="{KeyField}" value="{Guid.NewGuid()}">
        """);
}

/// <summary>Go there with GET, so that loading the page again repeats nothing.</summary>
internal sealed class SeeOther(string location) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.CacheControl = "no-store";
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = location;
        return Task.CompletedTask;
    }
}
