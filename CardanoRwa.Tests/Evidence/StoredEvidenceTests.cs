using System.Diagnostics;
using System.Globalization;
using System.Net;
using CardanoRwa.Tests.Auth;
using CardanoRwa.Tests.Graph;
using Xunit.Abstractions;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Evidence;

/// <summary>What becomes of bytes in an Api process with a store of its own: large ones, killed ones, damaged ones.</summary>
[Collection(GraphCollection.Name)]
public sealed class StoredEvidenceTests(GraphFixture graph, ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rwa-stored-").FullName;

    [Fact]
    public async Task Large_document_goes_in_and_out_in_flat_memory()
    {
        const long Size = 300L << 20;
        await using var api = await StartAsync();
        using var client = api.Client("rwa-dev-key");
        var id = (await client.CreateAssetAsync()).Text("id");
        await client.AddAsync(id, Documents.Text(1_000_000)); // warm
        var before = ResidentBytes(api.Id);
        var most = before;
        using var watching = new CancellationTokenSource();
        var watch = Task.Run(async () =>
        {
            while (!watching.IsCancellationRequested)
            {
                most = Math.Max(most, ResidentBytes(api.Id));
                await Task.Delay(50);
            }
        });

        using var added = await client.UploadAsync(id, new EndlessText(Size));
        var entry = await added.JsonAsync(HttpStatusCode.Created);
        var read = 0L;
        await using (var content = await client.GetStreamAsync(new Uri($"{AssetsPath}/{id}/evidence/{entry.Text("id")}/content", UriKind.Relative)))
        {
            var buffer = new byte[1 << 20];
            int got;
            while ((got = await content.ReadAsync(buffer)) > 0)
            {
                read += got;
            }
        }
        await watching.CancelAsync();
        await watch;

        output.WriteLine($"{before >> 20} MiB resident before, {most >> 20} MiB at most.");
        Assert.Equal(Size, read);
        Assert.Equal(Size.ToString(CultureInfo.InvariantCulture), entry.Text("size"));
        // A third of the document would already be far from flat.
        Assert.InRange(most - before, long.MinValue, 100L << 20);
    }

    [Fact]
    public async Task Api_killed_in_mid_upload_leaves_nothing_and_the_repeat_succeeds()
    {
        var (id, key) = ((await graph.Api.CreateAssetAsync()).Text("id"), Guid.NewGuid().ToString());
        var spool = Directory.CreateDirectory(Path.Combine(_folder, "spool")).FullName;
        var api = await StartAsync(("Evidence__SpoolFolder", spool));
        using (var client = api.Client("rwa-dev-key"))
        {
            var body = new EndlessText(50 << 20, stallAt: 20 << 20);
            var sending = client.UploadAsync(id, body, key: key);
            await body.Stalled;
            await api.DisposeAsync(); // kill -9
            body.Resume();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
        }

        Assert.Empty((await graph.Api.GetJsonAsync($"{AssetsPath}/{id}/evidence")).GetProperty("items").EnumerateArray());
        Assert.Empty(Directory.EnumerateFileSystemEntries(spool));
        Assert.Empty(Objects());
        await using var again = await StartAsync();
        using var repeat = again.Client("rwa-dev-key");
        using var response = await repeat.UploadAsync(id, new EndlessText(50 << 20), key: key);
        await response.JsonAsync(HttpStatusCode.Created);
        Assert.Single(Objects());
    }

    [Fact]
    public async Task Client_that_goes_away_and_document_that_is_too_large_leave_nothing()
    {
        await using var api = await StartAsync(("Evidence__MaxBytes", "1000000"), ("Evidence__SpoolFolder", Directory.CreateDirectory(Path.Combine(_folder, "spool")).FullName));
        using var client = api.Client("rwa-dev-key");
        var id = (await client.CreateAssetAsync()).Text("id");
        using var gone = new CancellationTokenSource();
        var body = new EndlessText(900_000, stallAt: 500_000);
        var sending = client.UploadAsync(id, body, cancellationToken: gone.Token);
        await body.Stalled;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        using var announced = await client.UploadAsync(id, new MemoryStream(Documents.Text(1_000_001)));
        using var chunked = await client.UploadAsync(id, new EndlessText(1_000_001));
        using var just = await client.UploadAsync(id, new MemoryStream(Documents.Text(1_000_000)));

        await announced.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, "evidence_too_large");
        await chunked.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, "evidence_too_large");
        await just.JsonAsync(HttpStatusCode.Created);
        Assert.Single(Objects());
        Assert.Single((await client.GetJsonAsync($"{AssetsPath}/{id}/evidence")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Damaged_chunk_is_never_sent_is_recorded_and_is_mended_by_the_same_document()
    {
        await using var api = await StartAsync();
        using var client = api.Client("rwa-dev-key");
        var id = (await client.CreateAssetAsync()).Text("id");
        var bytes = Documents.Text(700_000);
        var entry = await client.AddAsync(id, bytes);
        await TamperAsync(300_000);

        // The first chunk is good and goes out; the second is bad, and the connection ends before it.
        using (var cut = await client.GetAsync(new Uri($"{AssetsPath}/{id}/evidence/{entry.Text("id")}/content", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
        {
            var got = new MemoryStream();
            await Assert.ThrowsAnyAsync<Exception>(async () => await (await cut.Content.ReadAsStreamAsync()).CopyToAsync(got));
            Assert.InRange(got.Length, 0, 262_144);
            Assert.Equal(bytes[..(int)got.Length], got.ToArray());
        }
        using var range = await client.ContentAsync(id, entry.Text("id"), ("Range", "bytes=300001-300010"));
        using var good = await client.ContentAsync(id, entry.Text("id"), ("Range", "bytes=600000-600010"));

        await range.ProblemAsync(HttpStatusCode.InternalServerError, "evidence_damaged");
        Assert.Equal(bytes[600_000..600_011], await good.Content.ReadAsByteArrayAsync());
        Assert.Equal("damaged", (await client.GetJsonAsync($"{AssetsPath}/{id}/evidence/{entry.Text("id")}")).Text("status"));
        Assert.Contains("rwa_evidence_damaged_total{kind=\"changed\"} 2", await client.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Equal(1, await graph.ScalarAsync<long>("SELECT count(*) FROM audit u JOIN evidence e ON e.content_id = u.subject_id WHERE e.id = $1 AND u.event = 'evidence.damaged'", Guid.Parse(entry.Text("id"))));

        using var mended = await client.UploadAsync(id, new MemoryStream(bytes));
        Assert.Equal(("stored", entry.Text("id")), ((await mended.JsonAsync()).Text("status"), entry.Text("id")));
        using var whole = await client.ContentAsync(id, entry.Text("id"));
        Assert.Equal(bytes, await whole.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Missing_object_is_a_problem_and_open_reads_do_not_show_what_is_confidential()
    {
        await using var api = await StartAsync(("Auth__PublicReads", "true"));
        using var client = api.Client("rwa-dev-key");
        using var anyone = api.Client();
        var id = (await client.CreateAssetAsync()).Text("id");
        var open = await client.AddAsync(id, Documents.Text());
        var secret = await client.AddAsync(id, Documents.Text(), "name=Secret&confidential=true");

        Assert.Equal(open.Text("id"), Assert.Single((await anyone.GetJsonAsync($"{AssetsPath}/{id}/evidence")).GetProperty("items").EnumerateArray()).Text("id"));
        using var hidden = await anyone.ContentAsync(id, secret.Text("id"));
        using var shown = await client.ContentAsync(id, secret.Text("id"));
        using var proof = await anyone.GetAsync(new Uri($"{AssetsPath}/{id}/evidence/{secret.Text("id")}/proof", UriKind.Relative));
        await hidden.ProblemAsync(HttpStatusCode.NotFound, "evidence_not_found");
        await proof.ProblemAsync(HttpStatusCode.NotFound, "evidence_not_found");
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);

        Objects().ForEach(File.Delete);
        using var missing = await client.ContentAsync(id, open.Text("id"));
        await missing.ProblemAsync(HttpStatusCode.InternalServerError, "evidence_damaged");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<ApiProcess> StartAsync(params (string, string)[] settings) =>
        ApiProcess.Start(graph, [("ASPNETCORE_ENVIRONMENT", "Development"), ("Evidence__Folder", Path.Combine(_folder, "store")), .. settings]).ReadyAsync();

    private List<string> Objects() => Directory.Exists(Path.Combine(_folder, "store", "evidence")) ? [.. Directory.EnumerateFiles(Path.Combine(_folder, "store", "evidence"), "*", SearchOption.AllDirectories)] : [];

    private async Task TamperAsync(long at)
    {
        await using var file = File.OpenWrite(Assert.Single(Objects()));
        file.Position = at;
        file.WriteByte((byte)'!');
    }

    private static long ResidentBytes(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64;
    }
}
