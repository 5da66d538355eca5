using System.Diagnostics;
using System.Net.Sockets;
using CardanoRwa.Storage;

namespace CardanoRwa.Tests.Storage;

/// <summary>Servers that others wrote: Azurite for Azure Blob, s3rver for S3 (it ignores If-None-Match).</summary>
public sealed class ObjectServers : IAsyncLifetime
{
    // Published by Azurite for everyone's use.
    internal const string AzuriteKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private readonly string _folder = Directory.CreateTempSubdirectory("object-servers").FullName;
    private readonly List<Process> _servers = [];
    private (int Azurite, int S3) _ports;

    public string Folder => Path.Combine(_folder, "files");

    public async Task InitializeAsync()
    {
        var packages = await NodeOracle.InstallAsync(Path.Combine("Storage", "servers"), "object-servers");
        _ports = (Start(packages, port => ["node_modules/azurite/dist/src/blob/main.js", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent", "--blobHost", "127.0.0.1", "--blobPort", port]),
            Start(packages, port => ["node_modules/s3rver/bin/s3rver.js", "--directory", Directory.CreateDirectory(Path.Combine(_folder, "s3")).FullName, "--address", "127.0.0.1", "--port", port, "--silent", "--configure-bucket", "backups"],
                ("NODE_OPTIONS", "--openssl-legacy-provider --no-deprecation")));
        await ListeningAsync(_ports.Azurite);
        await ListeningAsync(_ports.S3);
    }

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            server.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    internal StoreOptions Options(string kind) => kind switch
    {
        StoreOptions.Folder => new() { Kind = kind, Path = Folder, Create = true },
        StoreOptions.Azure => new()
        {
            Kind = kind,
            Container = "backups",
            Create = true,
            ConnectionString = $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AzuriteKey};BlobEndpoint=http://127.0.0.1:{_ports.Azurite}/devstoreaccount1",
        },
        _ => new() { Kind = StoreOptions.S3, Endpoint = $"http://127.0.0.1:{_ports.S3}", Bucket = "backups", AccessKey = "S3RVER", SecretKey = "S3RVER", ConditionalCreate = false },
    };

    private int Start(string packages, Func<string, string[]> arguments, params (string, string)[] environment)
    {
        var port = FreePort();
        var server = NodeOracle.Start("node", arguments(port.ToString(System.Globalization.CultureInfo.InvariantCulture)), packages, environment);
        server.OutputDataReceived += static (_, _) => { };
        server.ErrorDataReceived += static (_, _) => { };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        _servers.Add(server);
        return port;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ListeningAsync(int port)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port);
                return;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
            }
        }
    }
}
