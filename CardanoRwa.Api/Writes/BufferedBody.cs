using System.Security.Cryptography;
using System.Text;
using CardanoRwa.Api.Problems;

namespace CardanoRwa.Api.Writes;

/// <summary>Marks an endpoint whose body is read as it comes, too large to be kept in memory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StreamedBodyAttribute : Attribute;

/// <summary>What is known of a write before its endpoint runs.</summary>
internal sealed record WriteFacts(string? Key, byte[] RequestHash);

/// <summary>Reads a write's body once, to hash it for its Idempotency-Key and to bind it.</summary>
internal static class BufferedBody
{
    private const int Limit = 256 * 1024;
    private const int LongestKey = 200;

    public static void UseWrites(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || context.GetEndpoint() is not { } endpoint)
        {
            await next(context);
            return;
        }
        if (!TryReadKey(context.Request, out var key))
        {
            await Refusals.Problem(400, "idempotency_key_invalid", "The Idempotency-Key header is malformed.", $"Send one key of 1 to {LongestKey} visible ASCII characters, such as a UUID.").ExecuteAsync(context);
            return;
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}\n"));
        if (endpoint.Metadata.GetMetadata<StreamedBodyAttribute>() is null)
        {
            var body = await ReadAsync(context.Request, context.RequestAborted);
            hash.AppendData(body.GetBuffer(), 0, (int)body.Length);
            context.Request.Body = body;
        }
        context.Features.Set(new WriteFacts(key, hash.GetHashAndReset()));
        await next(context);
    });

    private static bool TryReadKey(HttpRequest request, out string? key)
    {
        key = null;
        var header = request.Headers["Idempotency-Key"];
        if (header.Count == 0)
        {
            return true;
        }
        key = header[0];
        return header.Count == 1 && key is { Length: >= 1 and <= LongestKey } && key.All(c => c is > ' ' and < '\x7f');
    }

    private static async Task<MemoryStream> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Limit)
        {
            throw TooLarge();
        }
        var body = new MemoryStream((int)(request.ContentLength ?? 1024));
        var buffer = new byte[4096];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + read > Limit)
            {
                throw TooLarge();
            }
            body.Write(buffer, 0, read);
        }
        body.Position = 0;
        return body;
    }

    private static BadHttpRequestException TooLarge() => new("The body is too large.", StatusCodes.Status413PayloadTooLarge);
}
