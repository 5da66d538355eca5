using System.Globalization;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace CardanoRwa.Storage;

internal sealed class AzureBlobUpload(BlockBlobClient blob, StoreOptions options, StoreCalls calls, string key) : PartedUpload(options)
{
    private const string IdHeader = "rwaupload";
    private int _blocks;

    private Dictionary<string, string> Mark => new() { [IdHeader] = Id };

    protected override Task<bool> PutAsync(ReadOnlyMemory<byte> bytes, bool ifAbsent, CancellationToken cancellationToken) => calls.RunAsync($"writing {key}", async token =>
    {
        using var stream = Stream(bytes);
        return await UnlessTakenAsync(() => blob.UploadAsync(stream, new BlobUploadOptions { Metadata = Mark, Conditions = If(ifAbsent) }, token), token);
    }, cancellationToken);

    protected override Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task SendPartAsync(int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => calls.RunAsync($"writing part {number} of {key}", async token =>
    {
        using var stream = Stream(bytes);
        await blob.StageBlockAsync(Block(number), stream, cancellationToken: token);
        lock (blob)
        {
            _blocks = Math.Max(_blocks, number);
        }
    }, cancellationToken);

    protected override Task<bool> JoinAsync(bool ifAbsent, CancellationToken cancellationToken) => calls.RunAsync($"completing {key}", token =>
        UnlessTakenAsync(() => blob.CommitBlockListAsync(
            Enumerable.Range(1, _blocks).Select(Block), new CommitBlockListOptions { Metadata = Mark, Conditions = If(ifAbsent) }, token), token), cancellationToken);

    // Blocks that are never committed go by themselves within a week.
    protected override Task AbortAsync() => Task.CompletedTask;

    // With the upload's id in them, two writers of one key do not mix their blocks.
    private string Block(int number) => Convert.ToBase64String(Encoding.ASCII.GetBytes(Id + number.ToString("D8", CultureInfo.InvariantCulture)));

    private static BlobRequestConditions? If(bool absent) => absent ? new BlobRequestConditions { IfNoneMatch = ETag.All } : null;

    private async Task<bool> UnlessTakenAsync(Func<Task<Response<BlobContentInfo>>> write, CancellationToken cancellationToken)
    {
        try
        {
            await write();
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobAlreadyExists || e.ErrorCode == BlobErrorCode.ConditionNotMet)
        {
            return await IsOwnAsync(cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.InvalidBlockList)
        {
            // The blocks were used up by an attempt whose answer was lost.
            return await IsOwnAsync(cancellationToken) ? true : throw new IOException("the blocks are gone, and the blob is not there", e);
        }
    }

    private async Task<bool> IsOwnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value.Metadata.TryGetValue(IdHeader, out var id) && id == Id;
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return false;
        }
    }
}
