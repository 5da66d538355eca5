using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace CardanoRwa.Tests.Assets;

/// <summary>A wire to Postgres that is cut at a chosen exchange, before the server hears of it or after it has done what it was told.</summary>
internal sealed class CutWire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _left;
    private bool _heard;

    public CutWire(string database)
    {
        _server = new NpgsqlConnectionStringBuilder(database);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>As given, but through the wire; not encrypted, so that an exchange can be seen.</summary>
    public string Database => new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port, SslMode = SslMode.Disable }.ConnectionString;

    public int Cuts { get; private set; }

    /// <param name="exchanges">Which one from now on: 1 is the next that a client begins.</param>
    /// <param name="heard">Whether the server carries it out.</param>
    public void CutAt(int exchanges, bool heard) => (_heard, _left) = (heard, exchanges);

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient(_server.Host!, _server.Port))
        {
            var (up, down, buffer) = (server.GetStream(), client.GetStream(), new byte[256 * 1024]);
            var answers = Task.CompletedTask;
            var cutting = false;
            try
            {
                int read;
                while ((read = await down.ReadAsync(buffer, _stop.Token)) > 0)
                {
                    cutting = _left > 0 && Interlocked.Decrement(ref _left) == 0;
                    if (cutting)
                    {
                        Cuts++;
                        if (!_heard)
                        {
                            return;
                        }
                    }
                    await up.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                    if (answers.IsCompleted)
                    {
                        answers = AnswerAsync();
                    }
                    if (cutting)
                    {
                        await answers;
                        return;
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // One side is gone; the other goes with it.
            }

            // The server flushes when all of an exchange is done: its first byte tells that it is.
            async Task AnswerAsync()
            {
                var answer = new byte[256 * 1024];
                int count;
                while ((count = await up.ReadAsync(answer, _stop.Token)) > 0 && !cutting)
                {
                    await down.WriteAsync(answer.AsMemory(0, count), _stop.Token);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }
}
