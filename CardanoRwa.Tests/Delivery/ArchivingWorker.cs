using System.Diagnostics;
using System.Globalization;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Delivery;

/// <summary>A worker that backs the graph's database up, which the graph's own does not in Development.</summary>
internal sealed class ArchivingWorker : IAsyncDisposable
{
    private readonly GraphFixture _graph;
    private readonly string _folder = Directory.CreateTempSubdirectory("rwa-delivery-").FullName;
    private readonly Process _process;

    public ArchivingWorker(GraphFixture graph)
    {
        _graph = graph;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LocalPrometheus.FreePort()}"));
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "CardanoRwa.Worker.dll")])
        {
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development", ["DOTNET_ENVIRONMENT"] = "Development", ["ASPNETCORE_URLS"] = Address.ToString(),
                ["ConnectionStrings__rwadb"] = graph.Database, ["ConnectionStrings__cache"] = graph.Cache,
                ["Recovery__Archiving__Enabled"] = "true", ["Recovery__DataFolder"] = _folder, ["Recovery__Wal__SpoolPath"] = Path.Combine(_folder, "spool"),
            },
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        // Read, or the pipe fills and the worker stands still.
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        // The slot would keep WAL for a receiver that is not coming back.
        for (var tries = 0; tries < 40 && await _graph.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_replication_slots WHERE active)"); tries++)
        {
            await Task.Delay(100);
        }
        await _graph.ScalarAsync<long>("SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots WHERE slot_name = 'rwa_wal' AND NOT active");
        Directory.Delete(_folder, recursive: true);
    }
}
