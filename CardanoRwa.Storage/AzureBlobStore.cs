using System.Runtime.CompilerServices;
using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace CardanoRwa.Storage;

/// <summary>A container of Azure Blob Storage, reached by connection string, shared access signature or managed identity.</summary>
public sealed class AzureBlobStore : IObjectStore
{
    private readonly BlobContainerClient _container;
    private readonly StoreOptions _options;
    private readonly StoreCalls _calls;
    private readonly string _prefix;
    private volatile bool _made;

    public AzureBlobStore(string name, StoreOptions options, TimeProvider clock)
    {
        Name = name;
        _options = options;
        _prefix = options.Prefix.Length == 0 ? "" : $"{options.Prefix.TrimEnd('/')}/";
        _calls = new StoreCalls(name, options, Judge, clock);
        var client = new BlobClientOptions();
        client.Retry.MaxRetries = 0;
        client.Retry.NetworkTimeout = options.AttemptTimeout;
        client.Diagnostics.IsLoggingEnabled = false;
        _container = Connect(options, client);
    }

    public string Name { get; }

    public async Task<ObjectUpload> CreateAsync(string key, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlockBlobClient(KeyOf(key));
        if (_options.Create && !_made)
        {
            await _calls.RunAsync("making the container", token => _container.CreateIfNotExistsAsync(cancellationToken: token), cancellationToken);
            _made = true;
        }
        return new AzureBlobUpload(blob, _options, _calls, key);
    }

    public async Task<Stream?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlobClient(KeyOf(key));
        if (length == 0)
        {
            return await FindAsync(key, cancellationToken) is null ? null : Stream.Null;
        }
        ETag? tag = null;
        var first = await _calls.RunAsync($"opening {key}", token => GetAsync(offset, token), cancellationToken);
        return first is null ? null : new ResumingStream(_calls, key, first, async (from, token) =>
            await GetAsync(offset + from, token) ?? throw new StoreException(Name, $"reading {key}: it was deleted meanwhile", isTransient: false));

        async Task<ResumingStream.Body?> GetAsync(long from, CancellationToken token)
        {
            var range = from == 0 && length is null ? default : new HttpRange(from, offset + length - from);
            try
            {
                var response = await blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = range, Conditions = tag is null ? null : new BlobRequestConditions { IfMatch = tag } }, token);
                tag ??= response.Value.Details.ETag;
                return new ResumingStream.Body(response.Value.Content, response.Value.Details.ContentLength);
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
            {
                return null;
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.InvalidRange && tag is null)
            {
                return new ResumingStream.Body(Stream.Null, 0);
            }
        }
    }

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken) => _calls.RunAsync($"looking up {key}", async token =>
    {
        try
        {
            var found = (await _container.GetBlobClient(KeyOf(key)).GetPropertiesAsync(cancellationToken: token)).Value;
            return new StoredObject(key, found.ContentLength, found.LastModified);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
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
            var page = await _calls.RunAsync($"listing {prefix}", async token =>
            {
                await using var pages = _container.GetBlobsAsync(new GetBlobsOptions { Prefix = _prefix + prefix }, token).AsPages(from).GetAsyncEnumerator(token);
                return await pages.MoveNextAsync() ? pages.Current : null;
            }, cancellationToken);
            foreach (var found in page?.Values ?? [])
            {
                yield return new StoredObject(found.Name[_prefix.Length..], found.Properties.ContentLength ?? 0, found.Properties.LastModified ?? DateTimeOffset.UnixEpoch);
            }
            next = page?.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(next));
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        _calls.RunAsync($"deleting {key}", token => _container.GetBlobClient(KeyOf(key)).DeleteIfExistsAsync(cancellationToken: token), cancellationToken);

    private string KeyOf(string key) => _prefix + ObjectKey.Check(key);

    private static BlobContainerClient Connect(StoreOptions options, BlobClientOptions client)
    {
        if (!string.IsNullOrEmpty(options.ConnectionString))
        {
            return new BlobContainerClient(options.ConnectionString, options.Container, client);
        }
        var address = new Uri($"{options.Endpoint!.TrimEnd('/')}/{options.Container}");
        if (!string.IsNullOrEmpty(options.SasToken))
        {
            return new BlobContainerClient(address, new AzureSasCredential(options.SasToken), client);
        }
        TokenCredential identity = new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = options.ClientId, ExcludeInteractiveBrowserCredential = true });
        return new BlobContainerClient(address, identity, client);
    }

    private static Fault? Judge(Exception e) => e switch
    {
        RequestFailedException { Status: 0 } => new(e.GetBaseException().Message, IsTransient: true),
        RequestFailedException failed => new($"the store answered {failed.Status} {failed.ErrorCode}".TrimEnd(), Fault.MayPass(failed.Status)),
        AuthenticationFailedException => new("no credentials: the identity was refused or is not to be had here", IsTransient: false),
        // Several attempts of the client's own; with its retries off there is one.
        AggregateException many => Judge(many.GetBaseException()) ?? new(many.GetBaseException().Message, IsTransient: true),
        _ => Fault.OfNetwork(e),
    };
}
