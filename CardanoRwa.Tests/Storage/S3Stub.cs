using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using CardanoRwa.Storage;
using CardanoRwa.Tests.Cardano;
using Microsoft.AspNetCore.Http;

namespace CardanoRwa.Tests.Storage;

internal enum StoreFault
{
    None,

    /// <summary>Answers with <see cref="S3Stub.Status"/> and does nothing.</summary>
    Refuses,

    /// <summary>Never answers.</summary>
    Hangs,

    /// <summary>Does what was asked, then breaks the connection instead of answering.</summary>
    LosesTheAnswer,

    /// <summary>Sends half of the body and breaks the connection.</summary>
    Truncates,
}

/// <summary>As much of S3 as a store needs, conditional writes included, with faults that a test scripts.</summary>
internal sealed class S3Stub : IAsyncDisposable
{
    private const string Bucket = "backups";
    private readonly ConcurrentDictionary<string, (byte[] Bytes, string? Id)> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (ConcurrentDictionary<int, byte[]> Parts, string? Id)> _uploads = new();
    private readonly CancellationTokenSource _ending = new();
    private LoopbackServer _server = null!;

    public ConcurrentDictionary<string, (byte[] Bytes, string? Id)> Objects => _objects;
    public int OpenUploads => _uploads.Count;
    public int Requests;
    public int Status { get; set; } = 503;

    /// <summary>Asked for every request by method and query.</summary>
    public Func<string, string, StoreFault> Fault { get; set; } = static (_, _) => StoreFault.None;

    public static async Task<S3Stub> StartAsync()
    {
        var stub = new S3Stub();
        stub._server = await LoopbackServer.StartAsync(stub.AnswerAsync);
        return stub;
    }

    public StoreOptions Options() => new() { Kind = StoreOptions.S3, Endpoint = _server.Url.ToString(), Bucket = Bucket, AccessKey = "access", SecretKey = "a-secret-of-the-stub" };

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref Requests);
        var fault = Fault(context.Request.Method, context.Request.QueryString.Value ?? "");
        switch (fault)
        {
            case StoreFault.Refuses:
                await ErrorAsync(context, Status, Status == 403 ? "SignatureDoesNotMatch" : "SlowDown");
                return;
            case StoreFault.Hangs:
                await Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, context.RequestAborted).Token).ContinueWith(static _ => { }, TaskScheduler.Default);
                return;
            case StoreFault.LosesTheAnswer:
                var kept = context.Response.Body;
                context.Response.Body = Stream.Null;
                await ServeAsync(context, truncate: false);
                context.Response.Body = kept;
                context.Abort();
                return;
            default:
                await ServeAsync(context, fault == StoreFault.Truncates);
                return;
        }
    }

    private async Task ServeAsync(HttpContext context, bool truncate)
    {
        var (request, response) = (context.Request, context.Response);
        var key = Uri.UnescapeDataString(request.Path.Value!).TrimStart('/') is var path && path.Length > Bucket.Length ? path[(Bucket.Length + 1)..] : "";
        var query = request.Query;
        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory);
        var body = memory.ToArray();
        var id = request.Headers["x-amz-meta-rwa-upload"].FirstOrDefault();
        var mayExist = request.Headers.IfNoneMatch.Count == 0;
        switch (request.Method)
        {
            case "PUT" when query.ContainsKey("partNumber"):
                if (!_uploads.TryGetValue(query["uploadId"]!, out var filling))
                {
                    await ErrorAsync(context, 404, "NoSuchUpload");
                    return;
                }
                filling.Parts[int.Parse(query["partNumber"]!, CultureInfo.InvariantCulture)] = body;
                response.Headers.ETag = Tag(body);
                return;
            case "PUT" when key.Length == 0:
                return;
            case "PUT":
                await StoreAsync(context, key, body, id, mayExist, "");
                return;
            case "POST" when query.ContainsKey("uploads"):
                var upload = Guid.NewGuid().ToString("N");
                _uploads[upload] = ([], id);
                await XmlAsync(response, new XElement("InitiateMultipartUploadResult", new XElement("Bucket", Bucket), new XElement("Key", key), new XElement("UploadId", upload)));
                return;
            case "POST":
                if (!_uploads.TryGetValue(query["uploadId"]!, out var made))
                {
                    await ErrorAsync(context, 404, "NoSuchUpload");
                    return;
                }
                if (await StoreAsync(context, key, [.. made.Parts.OrderBy(p => p.Key).SelectMany(p => p.Value)], made.Id, mayExist, "<CompleteMultipartUploadResult/>"))
                {
                    _uploads.TryRemove(query["uploadId"]!, out _);
                }
                return;
            case "DELETE":
                if (query.ContainsKey("uploadId"))
                {
                    _uploads.TryRemove(query["uploadId"]!, out _);
                }
                else
                {
                    _objects.TryRemove(key, out _);
                }
                response.StatusCode = 204;
                return;
            case "GET" when key.Length == 0:
                await ListAsync(context);
                return;
            default:
                await SendAsync(context, key, truncate);
                return;
        }
    }

    private async Task<bool> StoreAsync(HttpContext context, string key, byte[] bytes, string? id, bool mayExist, string answer)
    {
        var stored = true;
        if (mayExist)
        {
            _objects[key] = (bytes, id);
        }
        else
        {
            stored = _objects.TryAdd(key, (bytes, id));
        }
        if (!stored)
        {
            await ErrorAsync(context, 412, "PreconditionFailed");
            return false;
        }
        context.Response.Headers.ETag = Tag(bytes);
        await context.Response.WriteAsync(answer);
        return true;
    }

    private async Task SendAsync(HttpContext context, string key, bool truncate)
    {
        if (!_objects.TryGetValue(key, out var found))
        {
            await ErrorAsync(context, 404, "NoSuchKey");
            return;
        }
        var bytes = found.Bytes.AsMemory();
        if (context.Request.GetTypedHeaders().Range?.Ranges.Single() is { } range)
        {
            if (range.From >= bytes.Length)
            {
                await ErrorAsync(context, 416, "InvalidRange");
                return;
            }
            var last = Math.Min(range.To ?? long.MaxValue, bytes.Length - 1);
            bytes = bytes[(int)range.From!..(int)(last + 1)];
            context.Response.StatusCode = 206;
        }
        context.Response.Headers.ETag = Tag(found.Bytes);
        context.Response.Headers.LastModified = DateTimeOffset.UnixEpoch.ToString("R");
        context.Response.Headers["x-amz-meta-rwa-upload"] = found.Id;
        context.Response.ContentLength = bytes.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        await context.Response.Body.WriteAsync(truncate ? bytes[..(bytes.Length / 2)] : bytes);
        if (truncate)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }

    private async Task ListAsync(HttpContext context)
    {
        const int page = 3;
        var (prefix, after) = (context.Request.Query["prefix"].ToString(), context.Request.Query["continuation-token"].ToString());
        var all = _objects.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(k, after) > 0).Order(StringComparer.Ordinal).ToList();
        var shown = all.Take(page).ToList();
        await XmlAsync(context.Response, new XElement("ListBucketResult",
            new XElement("IsTruncated", all.Count > page ? "true" : "false"),
            all.Count > page ? new XElement("NextContinuationToken", shown[^1]) : null,
            shown.Select(k => new XElement("Contents", new XElement("Key", k), new XElement("Size", _objects[k].Bytes.Length), new XElement("LastModified", "2026-01-01T00:00:00.000Z"), new XElement("ETag", Tag(_objects[k].Bytes))))));
    }

    private static async Task ErrorAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await XmlAsync(context.Response, new XElement("Error", new XElement("Code", code), new XElement("Message", code)));
        }
    }

    private static Task XmlAsync(HttpResponse response, XElement xml)
    {
        response.ContentType = "application/xml";
        return response.WriteAsync(xml.ToString());
    }

    // No MD5 in it, as of an object made in parts: the client then compares nothing.
    private static string Tag(byte[] bytes) => $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}-1\"";
}
