using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using CardanoRwa.Cardano.Providers;

namespace CardanoRwa.Cardano.Ogmios;

/// <summary>
/// JSON-RPC 2.0 over one WebSocket, many calls at a time. Opened by the first call, and again by the next one after it broke;
/// a call that was under way when it broke fails.
/// </summary>
internal sealed class OgmiosConnection(Uri url, TimeSpan timeout) : IAsyncDisposable
{
    // The answer for an address with very many outputs; bounds what a broken server can make us hold.
    private const int MaxAnswerSize = 64 << 20;

    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> pending = new();
    private readonly SemaphoreSlim sending = new(1);
    private ClientWebSocket? socket;
    private Task receiving = Task.CompletedTask;
    private long lastId;

    /// <summary>The whole answer: with <c>result</c>, or with <c>error</c>.</summary>
    internal async Task<JsonElement> CallAsync(string method, Action<Utf8JsonWriter>? writeParameters, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(timeout);
        try
        {
            await SendAsync(id, answer, Request(id, method, writeParameters), limited.Token);
            return await answer.Task.WaitAsync(limited.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new ProviderException(ProviderFault.Unavailable, $"Ogmios at {url} gave no answer to {method}: {e.Message}", e);
        }
        finally
        {
            pending.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        socket?.Abort();
        await receiving;
        socket?.Dispose();
        sending.Dispose();
    }

    private async Task SendAsync(long id, TaskCompletionSource<JsonElement> answer, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        await sending.WaitAsync(cancellation);
        try
        {
            if (socket is not { State: WebSocketState.Open }) await OpenAsync(cancellation);
            pending[id] = answer;
            await socket!.SendAsync(request, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, cancellation);
        }
        finally
        {
            sending.Release();
        }
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        socket?.Abort();
        await receiving;
        socket?.Dispose();
        socket = new ClientWebSocket();
        await socket.ConnectAsync(url, cancellation);
        receiving = ReceiveAsync(socket);
    }

    private async Task ReceiveAsync(ClientWebSocket open)
    {
        Exception why = new IOException("The connection was closed.");
        try
        {
            var buffer = new ArrayBufferWriter<byte>(1 << 16);
            while (true)
            {
                var received = await open.ReceiveAsync(buffer.GetMemory(1 << 14), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close) break;
                buffer.Advance(received.Count);
                if (buffer.WrittenCount > MaxAnswerSize) throw new IOException($"An answer is over {MaxAnswerSize} bytes.");
                if (!received.EndOfMessage) continue;
                Deliver(buffer.WrittenMemory);
                buffer.ResetWrittenCount();
            }
        }
        catch (Exception e)
        {
            // Whatever ended the loop, nobody may be left waiting for an answer that cannot come.
            why = e as IOException ?? new IOException(e.Message, e);
        }

        open.Abort();
        foreach (var waiting in pending.Values) waiting.TrySetException(why);
    }

    private void Deliver(ReadOnlyMemory<byte> message)
    {
        using var json = JsonDocument.Parse(message);
        if (json.RootElement.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && pending.TryRemove(id.GetInt64(), out var waiting)) waiting.TrySetResult(json.RootElement.Clone());
    }

    private static ReadOnlyMemory<byte> Request(long id, string method, Action<Utf8JsonWriter>? writeParameters)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WriteString("method", method);
        if (writeParameters is not null)
        {
            writer.WritePropertyName("params");
            writeParameters(writer);
        }

        writer.WriteNumber("id", id);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
