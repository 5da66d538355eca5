using System.Security.Cryptography;
using System.Text.Json;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core;
using CardanoRwa.Core.Imports;

namespace CardanoRwa.Api.Imports;

/// <summary>One import over HTTP: streams the rows in and, if the client reads NDJSON, what became of them out.</summary>
internal sealed class ImportSession(AssetImporter importer, RegistryWriter writer, TimeProvider clock)
{
    private const int MostFailures = 1_000;

    public async Task<IResult> RunAsync(
        HttpContext context, WriteRequest request, ImportMapping mapping, Func<Stream, CancellationToken, IAsyncEnumerable<SourceRow>> read, CancellationToken cancellationToken)
    {
        await using var body = new HashingStream(context.Request.Body);
        if (request.Key is not null && await writer.FindAsync(request, cancellationToken) is { } earlier)
        {
            // The stored answer is given only for the same bytes, so they are read and hashed first.
            await body.CopyToAsync(Stream.Null, cancellationToken);
            return Answer(RegistryWriter.Replay(earlier, Hash(request, body)));
        }

        var run = await importer.StartAsync(request.Actor, cancellationToken);
        var failures = new List<ImportRow>();
        var lines = context.Request.Headers.Accept.ToString().Contains(ImportEndpoints.NdJson, StringComparison.OrdinalIgnoreCase);
        if (lines)
        {
            context.Response.ContentType = ImportEndpoints.NdJson;
            context.Response.Headers["X-Import-Id"] = run.Id.ToString();
            await context.Response.StartAsync(cancellationToken);
        }
        await importer.RunAsync(run, read(body, cancellationToken), mapping, async (rows, token) =>
        {
            failures.AddRange(rows.Where(r => r.Outcome == "failed").Take(MostFailures - failures.Count));
            if (lines)
            {
                await WriteLinesAsync(context.Response, rows, token);
            }
        }, cancellationToken);
        await body.CopyToAsync(Stream.Null, cancellationToken);

        var report = JsonSerializer.SerializeToUtf8Bytes(new ImportReport(ImportView.Of(run, clock.GetUtcNow()), failures), RegistryJson.Default.ImportReport);
        if (run.Status == ImportStatus.Failed && !lines)
        {
            return Refusals.Problem(400, "file_malformed", run.Fault!, "Correct the file and send it again; rows already taken in stay as they are.");
        }
        var answer = run.Status == ImportStatus.Completed
            ? await writer.RememberAsync(request with { RequestHash = Hash(request, body) }, new WriteResponse(200, report), cancellationToken)
            : new WriteResponse(200, report);
        if (lines)
        {
            await context.Response.Body.WriteAsync(report, cancellationToken);
            return Results.Empty;
        }
        return Answer(answer);
    }

    private static IResult Answer(Result<WriteResponse> result) =>
        result.IsRefused(out var refusal, out var response) ? refusal.ToProblem() : new Written(response);

    private static byte[] Hash(WriteRequest request, HashingStream body) => SHA256.HashData([.. request.RequestHash, .. body.Hash()]);

    private static async Task WriteLinesAsync(HttpResponse response, IReadOnlyList<ImportRow> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(row, RegistryJson.Default.ImportRow);
            var target = response.BodyWriter.GetSpan(json.Length + 1);
            json.CopyTo(target);
            target[json.Length] = (byte)'\n';
            response.BodyWriter.Advance(json.Length + 1);
        }
        await response.BodyWriter.FlushAsync(cancellationToken);
    }
}
