using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace CardanoRwa.Storage;

/// <summary>A bucket of S3 or of any server that speaks it, with path-style addresses where an endpoint is given.</summary>
public sealed class S3Store : IObjectStore, IDisposable
{
    private readonly AmazonS3Client _client;
    private readonly StoreOptions _options;
    private readonly StoreCalls _calls;
    private readonly string _prefix;
    private volatile bool _bucketSeen;

    public S3Store(string name, StoreOptions options, TimeProvider clock)
    {
        Name = name;
        _options = options;
        _prefix = options.Prefix.Length == 0 ? "" : $"{options.Prefix.TrimEnd('/')}/";
        _calls = new StoreCalls(name, options, S3Faults.Judge, clock);
        var config = new AmazonS3Config
        {
            AuthenticationRegion = options.Region,
            MaxErrorRetry = 0,
            Timeout = options.Deadline,
            RequestChecksumCalculation = options.Checksums ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = options.Checksums ? ResponseChecksumValidation.WHEN_SUPPORTED : ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is { } endpoint)
        {
            (config.ServiceURL, config.ForcePathStyle) = (endpoint, true);
        }
        else
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        }
        _client = (options.AccessKey, options.SessionToken) switch
        {
            (null or "", _) => new AmazonS3Client(config),
            (_, null or "") => new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config),
            _ => new AmazonS3Client(new SessionAWSCredentials(options.AccessKey, options.SecretKey, options.SessionToken), config),
        };
    }

    public string Name { get; }

    public async Task<ObjectUpload> CreateAsync(string key, CancellationToken cancellationToken)
    {
        var full = KeyOf(key);
        if (_options.Create && !_bucketSeen)
        {
            await MakeBucketAsync(cancellationToken);
        }
        return new S3Upload(_client, _options, _calls, full);
    }

    public async Task<Stream?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken)
    {
        var full = KeyOf(key);
        if (length == 0)
        {
            return await FindAsync(key, cancellationToken) is null ? null : Stream.Null;
        }
        string? tag = null;
        var first = await _calls.RunAsync($"opening {key}", token => GetAsync(offset, token), cancellationToken);
        return first is null ? null : new ResumingStream(_calls, key, first, async (from, token) =>
            await GetAsync(offset + from, token) ?? throw new StoreException(Name, $"reading {key}: it was deleted meanwhile", isTransient: false));

        async Task<ResumingStream.Body?> GetAsync(long from, CancellationToken token)
        {
            var request = new GetObjectRequest { BucketName = _options.Bucket, Key = full, EtagToMatch = tag };
            if (from > 0 || length is not null)
            {
                request.ByteRange = length is null ? new ByteRange($"bytes={from}-") : new ByteRange(from, offset + length.Value - 1);
            }
            try
            {
                var response = await _client.GetObjectAsync(request, token);
                tag ??= response.ETag;
                _bucketSeen = true;
                return new ResumingStream.Body(response.ResponseStream, response.ContentLength);
            }
            catch (AmazonS3Exception e) when (e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NoSuchKey" })
            {
                return null;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && tag is null)
            {
                return new ResumingStream.Body(Stream.Null, 0);
            }
        }
    }

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken) => _calls.RunAsync($"looking up {key}", async token =>
    {
        try
        {
            var found = await _client.GetObjectMetadataAsync(_options.Bucket, KeyOf(key), token);
            _bucketSeen = true;
            return new StoredObject(key, found.ContentLength, Time(found.LastModified));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // A HEAD says 404 for a missing bucket too, without saying which.
            if (!_bucketSeen)
            {
                await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = _prefix, MaxKeys = 1 }, token);
                _bucketSeen = true;
            }
            return (StoredObject?)null;
        }
    }, cancellationToken);

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectKey.CheckPrefix(prefix);
        string? next = null;
        do
        {
            var from = next;
            var page = await _calls.RunAsync($"listing {prefix}", token => _client.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = _prefix + prefix, ContinuationToken = from }, token), cancellationToken);
            _bucketSeen = true;
            foreach (var found in page.S3Objects ?? [])
            {
                yield return new StoredObject(found.Key[_prefix.Length..], found.Size ?? 0, Time(found.LastModified));
            }
            next = page.IsTruncated == true
                ? page.NextContinuationToken ?? throw new StoreException(Name, $"listing {prefix}: a cut list without a way to go on", isTransient: false)
                : null;
        }
        while (next is not null);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        _calls.RunAsync($"deleting {key}", token => _client.DeleteObjectAsync(_options.Bucket, KeyOf(key), token), cancellationToken);

    public void Dispose() => _client.Dispose();

    private Task MakeBucketAsync(CancellationToken cancellationToken) => _calls.RunAsync("making the bucket", async token =>
    {
        try
        {
            await _client.PutBucketAsync(_options.Bucket, token);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "BucketAlreadyOwnedByYou" or "BucketAlreadyExists")
        {
            // Whether it is ours to use shows at the first request.
        }
        _bucketSeen = true;
    }, cancellationToken);

    private string KeyOf(string key) => _prefix + ObjectKey.Check(key);

    private static DateTimeOffset Time(DateTime? time) => new(time?.ToUniversalTime() ?? DateTime.UnixEpoch);
}
