using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CardanoRwa.Tests.Graph;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Evidence;

/// <summary>Documents as the tests send them.</summary>
internal static class Documents
{
    /// <summary>A text that no other test has.</summary>
    public static byte[] Text(int length = 100) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes((length / 2) + 1))[..length]);

    public static async Task<HttpResponseMessage> UploadAsync(
        this HttpClient client, string assetId, Stream body, string query = "name=A%20deed", string mediaType = "text/plain", string? key = null, (string Name, string Value)? header = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{AssetsPath}/{assetId}/evidence?{query}") { Content = new StreamContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        if (header is { } h && !request.Headers.TryAddWithoutValidation(h.Name, h.Value))
        {
            Assert.True(request.Content.Headers.TryAddWithoutValidation(h.Name, h.Value));
        }
        return await client.SendAsync(request, cancellationToken);
    }

    public static async Task<JsonElement> AddAsync(this HttpClient client, string assetId, byte[] bytes, string query = "name=A%20deed")
    {
        using var response = await client.UploadAsync(assetId, new MemoryStream(bytes), query);
        return await response.JsonAsync(HttpStatusCode.Created);
    }

    public static async Task<HttpResponseMessage> ContentAsync(this HttpClient client, string assetId, string evidenceId, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{AssetsPath}/{assetId}/evidence/{evidenceId}/content");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return await client.SendAsync(request);
    }
}

/// <summary>So many bytes of text, made as they are read; it may stop half-way until told to go on.</summary>
internal sealed class EndlessText(long length, long? stallAt = null) : Stream
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _resume = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _at;

    public Task Stalled => _stalled.Task;

    public void Resume() => _resume.TrySetResult();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_at >= stallAt)
        {
            _stalled.TrySetResult();
            await _resume.Task.WaitAsync(cancellationToken);
        }
        var count = (int)Math.Min(buffer.Length, length - _at);
        buffer.Span[..count].Fill((byte)('a' + _at % 23));
        _at += count;
        return count;
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    public override void Flush() => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
