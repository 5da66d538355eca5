using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CardanoRwa.Api.Imports;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core;
using CardanoRwa.Core.Evidence;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CardanoRwa.Api.Evidence;

/// <summary>One upload over HTTP: check what can be checked beforehand, read and hash, check the bytes, store them, then write the entry.</summary>
internal sealed class EvidenceUpload(EvidenceDesk desk, EvidenceVault vault, RegistryWriter writer, EvidenceMetrics metrics, IOptions<EvidenceOptions> options)
{
    public async Task<IResult> RunAsync(HttpContext context, WriteRequest request, Guid assetId, DescribeEvidence about, CancellationToken cancellationToken)
    {
        if (about.Validate() is { } invalid)
        {
            return invalid.ToProblem();
        }
        if (DigestHeader.Parse(context.Request.Headers).IsRefused(out var malformed, out var digest))
        {
            return malformed.ToProblem();
        }
        var mediaType = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) ? type.MediaType.ToString().ToLowerInvariant() : "";
        if (!MediaTypes.IsTaken(mediaType))
        {
            return Refusals.Problem(415, "unsupported_media_type", "Evidence of this media type is not taken.", $"Send as Content-Type one of {string.Join(", ", MediaTypes.All)}.");
        }
        if (context.Request.ContentLength > options.Value.MaxBytes)
        {
            return TooLarge();
        }
        if (request.Key is not null && await writer.FindAsync(request, cancellationToken) is { } earlier)
        {
            // The stored answer is given only for the same bytes, so they are read and hashed first.
            await using var body = new HashingStream(context.Request.Body);
            await body.CopyToAsync(Stream.Null, cancellationToken);
            return Answer(RegistryWriter.Replay(earlier, Hash(request, body.Hash())));
        }
        if (await desk.PrecheckAsync(assetId, cancellationToken) is { } refused)
        {
            return refused.ToProblem();
        }
        return vault.IsConfigured ? await StoreAsync(context, request, assetId, about, mediaType, digest, cancellationToken) : NotConfigured();
    }

    public static ProblemHttpResult NotConfigured() =>
        Refusals.Problem(503, "evidence_not_configured", "This deployment has no store for evidence.", "Ask its operator to set Evidence__Store.");

    private async Task<IResult> StoreAsync(HttpContext context, WriteRequest request, Guid assetId, DescribeEvidence about, string mediaType, DigestHeader digest, CancellationToken cancellationToken)
    {
        await using var spool = await EvidenceSpool.ReadAsync(context.Request.Body, options.Value.SpoolFolder, options.Value.MaxBytes, digest.Other, cancellationToken);
        if (spool is null)
        {
            return TooLarge();
        }
        if (spool.Length == 0)
        {
            return new Refusal(RefusalKind.Unprocessable, "evidence_empty", "The document has no bytes.", "Send its bytes as the body.").ToProblem();
        }
        if ((digest.Check(spool) ?? MediaTypes.Check(mediaType, spool.Start)) is { } refusal)
        {
            return refusal.ToProblem();
        }
        await vault.StoreAsync(spool, cancellationToken);
        var result = await writer.ExecuteAsync(
            request with { RequestHash = Hash(request, spool.Sha256) },
            (stamp, token) => desk.AddAsync(assetId, about, mediaType, spool, stamp, token),
            added => new WriteResponse(added.IsNew ? 201 : 200, JsonSerializer.SerializeToUtf8Bytes(added.View, RegistryJson.Default.EvidenceView), $"/api/v1/assets/{assetId}/evidence/{added.Item.Id}"),
            cancellationToken);
        if (result.Value is { Replayed: false })
        {
            metrics.Uploaded(spool.Length);
        }
        return Answer(result);
    }

    private ProblemHttpResult TooLarge() => Refusals.Problem(
        413, "evidence_too_large", $"A document may have at most {options.Value.MaxBytes.ToString("N0", CultureInfo.InvariantCulture)} bytes.", "Split it, or ask the operator to raise Evidence__MaxBytes.");

    private static IResult Answer(Result<WriteResponse> result) =>
        result.IsRefused(out var refusal, out var response) ? refusal.ToProblem() : new Written(response);

    private static byte[] Hash(WriteRequest request, byte[] body) => SHA256.HashData([.. request.RequestHash, .. body]);
}
