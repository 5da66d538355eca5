using System.Buffers.Text;
using System.Net.Sockets;

namespace CardanoRwa.LoadTest;

/// <param name="Status">Of HTTP.</param>
/// <param name="DatabaseMilliseconds">What Server-Timing says of 'db'; NaN when it says nothing.</param>
internal readonly record struct WireAnswer(int Status, double DatabaseMilliseconds);

/// <summary>
/// One HTTP/1.1 connection that sends prepared bytes and reads answers past. It shares the processor with the server it measures, so it does no more
/// than that: HttpClient takes several times as much for each request.
/// </summary>
internal sealed class Wire(string host, int port) : IDisposable
{
    // Thousands of users have one each, so it grows only for those who need it.
    private const int Smallest = 8 * 1024, Largest = 64 * 1024;
    private byte[] _buffer = new byte[Smallest];
    private Socket? _socket;
    private int _begin, _end;

    /// <summary>Sends and reads one answer; a connection that broke is opened anew for the next.</summary>
    /// <exception cref="IOException">The server closed it in mid-answer, or spoke something else.</exception>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public async ValueTask<WireAnswer> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            _socket ??= await ConnectAsync(cancellationToken);
            await _socket.SendAsync(request, SocketFlags.None, cancellationToken);
            var head = await HeadAsync(cancellationToken);
            if (head.Chunked)
            {
                await SkipChunksAsync(cancellationToken);
            }
            else
            {
                await SkipAsync(head.Length, cancellationToken);
            }
            if (head.Close)
            {
                Dispose();
            }
            return new WireAnswer(head.Status, head.Database);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            Dispose();
            throw;
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        (_begin, _end) = (0, 0);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host, port, cancellationToken);
        return socket;
    }

    private async ValueTask<(int Status, long Length, bool Chunked, bool Close, double Database)> HeadAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(_begin, _end - _begin).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await FillAsync(cancellationToken);
        }
        var head = Parse(_buffer.AsSpan(_begin, end + 2));
        _begin += end + 4;
        return head;
    }

    private static (int Status, long Length, bool Chunked, bool Close, double Database) Parse(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..12], out int status, out _))
        {
            throw new IOException("The answer is not HTTP/1.1.");
        }
        var (length, chunked, close, database) = (0L, false, false, double.NaN);
        for (head = head[(head.IndexOf((byte)'\n') + 1)..]; head.IndexOf("\r\n"u8) is var next and > 0; head = head[(next + 2)..])
        {
            var line = head[..next];
            if (Is(line, "content-length:"u8, out var value))
            {
                _ = Utf8Parser.TryParse(value, out length, out _);
            }
            else if (Is(line, "transfer-encoding:"u8, out _))
            {
                chunked = true;
            }
            else if (Is(line, "connection:"u8, out value))
            {
                close = value.StartsWith("close"u8);
            }
            else if (Is(line, "server-timing:"u8, out value) && value.IndexOf("db;dur="u8) is var at and >= 0 && Utf8Parser.TryParse(value[(at + 7)..], out double milliseconds, out _))
            {
                database = milliseconds;
            }
        }
        return (status, status is 204 or 304 ? 0 : length, chunked, close, database);
    }

    private static bool Is(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length < name.Length || (line[0] | 0x20) != name[0] || !System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name))
        {
            return false;
        }
        value = line[name.Length..].TrimStart((byte)' ');
        return true;
    }

    private async ValueTask SkipChunksAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int end;
            while ((end = _buffer.AsSpan(_begin, _end - _begin).IndexOf("\r\n"u8)) < 0)
            {
                await FillAsync(cancellationToken);
            }
            if (!Utf8Parser.TryParse(_buffer.AsSpan(_begin, end), out long size, out _, 'x'))
            {
                throw new IOException("A chunk has no size.");
            }
            _begin += end + 2;
            await SkipAsync(size + 2, cancellationToken);
            if (size == 0)
            {
                return;
            }
        }
    }

    private async ValueTask SkipAsync(long length, CancellationToken cancellationToken)
    {
        while (length > _end - _begin)
        {
            length -= _end - _begin;
            (_begin, _end) = (0, 0);
            await FillAsync(cancellationToken);
        }
        _begin += (int)length;
        if (_begin == _end)
        {
            (_begin, _end) = (0, 0);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_end == _buffer.Length)
        {
            if (_begin == 0 && _buffer.Length == Largest)
            {
                throw new IOException("The answer's head is longer than 64 KB.");
            }
            var buffer = _begin == 0 ? new byte[_buffer.Length * 2] : _buffer;
            _buffer.AsSpan(_begin, _end - _begin).CopyTo(buffer);
            (_buffer, _begin, _end) = (buffer, 0, _end - _begin);
        }
        var read = await _socket!.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellationToken);
        if (read == 0)
        {
            throw new IOException("The server closed the connection.");
        }
        _end += read;
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
