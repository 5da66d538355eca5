using System.Collections.Concurrent;
using System.Net;
using CardanoRwa.Tests.Graph;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Resilience;

/// <summary>Clients that register assets and read them back, repeating what was not answered under the same key as a careful client would.</summary>
internal sealed class WriteLoad : IDisposable
{
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _writers;
    private int _unavailable;

    public WriteLoad(HttpClient client)
    {
        _client = client;
        _writers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(WriteAsync))];
    }

    public string Kind { get; } = $"k{Guid.NewGuid():N}"[..20];
    public ConcurrentBag<string> Acknowledged { get; } = [];
    public ConcurrentBag<string> Unexpected { get; } = [];
    public int Unavailable => _unavailable;

    public async Task<bool> SucceedsAsync()
    {
        using var response = await _client.PostAsync(AssetsPath, new { name = "probe", value = 1 });
        return response.StatusCode == HttpStatusCode.Created;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writers);
    }

    public void Dispose() => _stop.Dispose();

    private async Task WriteAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var name = Guid.NewGuid().ToString();
            while (!await TryAsync(name) && !_stop.IsCancellationRequested)
            {
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    private async Task<bool> TryAsync(string name)
    {
        try
        {
            using var response = await _client.PostAsync(AssetsPath, new { name, value = 1, kind = Kind }, name);
            if (response.StatusCode == HttpStatusCode.Created)
            {
                Acknowledged.Add(name);
                await ReadBackAsync(response.Headers.Location!);
                return true;
            }
            Note(response.StatusCode);
        }
        catch (HttpRequestException e)
        {
            Unexpected.Add(e.Message);
        }
        return false;
    }

    private async Task ReadBackAsync(Uri asset)
    {
        using var response = await _client.GetAsync(asset);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            Note(response.StatusCode);
        }
    }

    private void Note(HttpStatusCode status)
    {
        if (status == HttpStatusCode.ServiceUnavailable)
        {
            Interlocked.Increment(ref _unavailable);
        }
        else
        {
            Unexpected.Add(status.ToString());
        }
    }
}
