using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CardanoRwa.Tests.ServiceDefaults;

/// <summary>
/// The few commands that the client's handshake, the health check and the distributed cache send. It keeps no expiry and no protocol but RESP2;
/// what it can do and a real server cannot is to stop answering on demand.
/// </summary>
internal sealed class ToyRedis : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, byte[]>> hashes = new();
    private readonly CancellationTokenSource stop = new();

    public ToyRedis()
    {
        listener.Start();
        _ = AcceptAsync();
    }

    public bool Silent { get; set; }

    public string ConnectionString => listener.LocalEndpoint.ToString()!;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        var answers = client.GetStream();
        await using var commands = new BufferedStream(answers);
        try
        {
            while (await ReadCommandAsync(commands) is { } command)
            {
                if (!Silent)
                {
                    await answers.WriteAsync(Answer(command), stop.Token);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
        }
    }

    private byte[] Answer(byte[][] command) => Text(command[0]).ToUpperInvariant() switch
    {
        "PING" => Simple("PONG"),
        "ECHO" => Bulk(command[1]),
        "CLIENT" or "SELECT" or "READONLY" => Simple("OK"),
        "INFO" => Bulk("redis_version:7.4.0\r\nredis_mode:standalone\r\nrole:master\r\n"u8.ToArray()),
        "CONFIG" => "*0\r\n"u8.ToArray(),
        "SUBSCRIBE" => [.. "*3\r\n"u8, .. Bulk("subscribe"u8.ToArray()), .. Bulk(command[1]), .. ":1\r\n"u8],
        "GET" => Bulk(null),
        "HSET" or "HMSET" => Set(Text(command[1]), command[2..]),
        "HMGET" => [.. Encoding.ASCII.GetBytes($"*{command.Length - 2}\r\n"), .. command[2..].SelectMany(field => Bulk(Find(Text(command[1]), Text(field))))],
        "EXPIRE" or "PEXPIRE" => ":1\r\n"u8.ToArray(),
        "DEL" or "UNLINK" => hashes.TryRemove(Text(command[1]), out _) ? ":1\r\n"u8.ToArray() : ":0\r\n"u8.ToArray(),
        _ => "-ERR unknown command\r\n"u8.ToArray(),
    };

    private byte[] Set(string key, byte[][] pairs)
    {
        var hash = hashes.GetOrAdd(key, _ => new());
        for (var i = 0; i < pairs.Length; i += 2)
        {
            hash[Text(pairs[i])] = pairs[i + 1];
        }

        return Simple("OK");
    }

    private byte[]? Find(string key, string field) => hashes.TryGetValue(key, out var hash) && hash.TryGetValue(field, out var value) ? value : null;

    private async Task<byte[][]?> ReadCommandAsync(Stream stream)
    {
        if (await ReadLineAsync(stream) is not { } header)
        {
            return null;
        }

        var parts = new byte[Number(header)][];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = new byte[Number((await ReadLineAsync(stream))!)];
            await stream.ReadExactlyAsync(parts[i], stop.Token);
            await ReadLineAsync(stream);
        }

        return parts;
    }

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, stop.Token) == 1)
        {
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }

        return null;
    }

    private static int Number(string line) => int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static byte[] Simple(string text) => Encoding.ASCII.GetBytes($"+{text}\r\n");

    private static byte[] Bulk(byte[]? value) =>
        value is null ? "$-1\r\n"u8.ToArray() : [.. Encoding.ASCII.GetBytes($"${value.Length}\r\n"), .. value, .. "\r\n"u8];
}
