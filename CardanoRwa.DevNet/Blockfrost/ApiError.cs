namespace CardanoRwa.DevNet.Blockfrost;

/// <summary>Every error of Blockfrost has this shape.</summary>
public sealed record ApiError(int StatusCode, string Error, string Message)
{
    internal static IResult NotFound() => Of(404, "Not Found", "The requested component has not been found.");

    internal static IResult BadRequest(string message) => Of(400, "Bad Request", message);

    internal static IResult InvalidAddress() => BadRequest("Invalid address for this network or malformed address format.");

    internal static IResult Of(int status, string error, string message) => Results.Json(new ApiError(status, error, message), statusCode: status);
}
