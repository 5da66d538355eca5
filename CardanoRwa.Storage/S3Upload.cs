using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace CardanoRwa.Storage;

internal sealed class S3Upload(AmazonS3Client client, StoreOptions options, StoreCalls calls, string key) : PartedUpload(options)
{
    private const string IdHeader = "rwa-upload";
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(10);
    private readonly SortedDictionary<int, string> _parts = [];
    private string? _upload;

    protected override Task<bool> PutAsync(ReadOnlyMemory<byte> bytes, bool ifAbsent, CancellationToken cancellationToken) => calls.RunAsync($"writing {key}", async token =>
    {
        if (ifAbsent && !Options.ConditionalCreate && await StoredIdAsync(token) is { } id && id != Id)
        {
            return false;
        }
        using var stream = Stream(bytes);
        var request = new PutObjectRequest
        {
            BucketName = Options.Bucket,
            Key = key,
            InputStream = stream,
            AutoCloseStream = false,
            UseChunkEncoding = Options.ChunkEncoding,
            IfNoneMatch = ifAbsent && Options.ConditionalCreate ? "*" : null,
        };
        request.Metadata.Add(IdHeader, Id);
        return await UnlessTakenAsync(() => client.PutObjectAsync(request, token), token);
    }, cancellationToken);

    protected override async Task BeginAsync(CancellationToken cancellationToken) => _upload = await calls.RunAsync($"beginning {key}", async token =>
    {
        var request = new InitiateMultipartUploadRequest { BucketName = Options.Bucket, Key = key };
        request.Metadata.Add(IdHeader, Id);
        return (await client.InitiateMultipartUploadAsync(request, token)).UploadId;
    }, cancellationToken);

    protected override Task SendPartAsync(int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => calls.RunAsync($"writing part {number} of {key}", async token =>
    {
        using var stream = Stream(bytes);
        var sent = await client.UploadPartAsync(new UploadPartRequest
        {
            BucketName = Options.Bucket,
            Key = key,
            UploadId = _upload,
            PartNumber = number,
            PartSize = bytes.Length,
            InputStream = stream,
            UseChunkEncoding = Options.ChunkEncoding,
        }, token);
        lock (_parts)
        {
            _parts[number] = sent.ETag;
        }
    }, cancellationToken);

    protected override Task<bool> JoinAsync(bool ifAbsent, CancellationToken cancellationToken) => calls.RunAsync($"completing {key}", async token =>
    {
        if (ifAbsent && !Options.ConditionalCreate && await StoredIdAsync(token) is { } id && id != Id)
        {
            return false;
        }
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = Options.Bucket,
            Key = key,
            UploadId = _upload,
            PartETags = [.. _parts.Select(p => new PartETag(p.Key, p.Value))],
            IfNoneMatch = ifAbsent && Options.ConditionalCreate ? "*" : null,
        };
        return await UnlessTakenAsync(() => client.CompleteMultipartUploadAsync(request, token), token);
    }, cancellationToken);

    protected override async Task AbortAsync()
    {
        using var impatient = new CancellationTokenSource(AbortPatience);
        try
        {
            await client.AbortMultipartUploadAsync(Options.Bucket, key, _upload, impatient.Token);
        }
        catch (Exception e) when (e is AmazonS3Exception or OperationCanceledException || Fault.OfNetwork(e) is not null)
        {
            // The writer already has a fault to report; the bucket's rule for incomplete uploads clears what stays.
        }
    }

    /// <summary>A key that is taken may be taken by an earlier attempt whose answer was lost; even HttpClient repeats some by itself.</summary>
    private async Task<bool> UnlessTakenAsync<T>(Func<Task<T>> write, CancellationToken cancellationToken)
    {
        try
        {
            await write();
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return await StoredIdAsync(cancellationToken) == Id;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            return await StoredIdAsync(cancellationToken) == Id ? true : throw new IOException("the upload is gone, and the object is not there", e);
        }
    }

    private async Task<string?> StoredIdAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await client.GetObjectMetadataAsync(Options.Bucket, key, cancellationToken)).Metadata[IdHeader] ?? "";
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
