using System.Net;
using System.Net.Sockets;
using CardanoRwa.Embedded.Postgres;
using CardanoRwa.Embedded.Processes;
using Npgsql;

namespace CardanoRwa.Tests.Recovery;

/// <summary>A Postgres cluster of one test: made, started, stopped or killed, and removed with its folder.</summary>
internal sealed class ThrowAwayCluster : IAsyncDisposable
{
    private static readonly UnixUser? User = PostgresUser.Choose();
    private readonly PostgresBinaries _binaries;
    private readonly List<string> _lines = [];
    private ChildProcess? _process;

    private ThrowAwayCluster(PostgresBinaries binaries, string data, int? port = null)
    {
        (_binaries, Data) = (binaries, data);
        if (port is { } given)
        {
            Port = given;
            return;
        }
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Port = ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public string Data { get; }
    public int Port { get; }
    public int Major => _binaries.Major;
    public string Parent => Path.GetDirectoryName(Data)!;
    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Pooling=false;Timeout=15;Command Timeout=120";

    public string Log
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>The installed version, or the one the embedded host fetches. RWA_TESTS_POSTGRES=15,18 takes no other for these: so it is in CI.</summary>
    public static async Task<PostgresBinaries> BinariesAsync(int major)
    {
        var found = (major == 18 ? null : await PostgresBinaries.FindAsync(Environment.GetEnvironmentVariable("RWA_POSTGRES_BIN"), major, default))
            ?? await PostgresDownload.GetAsync(Path.Combine(Path.GetTempPath(), "recovery-tests-postgres"), _ => { }, default);
        var isDemanded = (Environment.GetEnvironmentVariable("RWA_TESTS_POSTGRES") ?? "").Split(',').Contains($"{major}");
        return found.Major == major || !isDemanded
            ? found
            : throw new InvalidOperationException($"PostgreSQL {major} is wanted and {found.Version} in {found.Folder} was found: apt-get install -y postgresql-{major}");
    }

    public static string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("recovery-").FullName;
        if (User is not null && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
            Unix.ChangeOwner(folder, User);
        }
        return folder;
    }

    /// <summary>A fresh cluster, running.</summary>
    public static async Task<ThrowAwayCluster> CreateAsync(int major, bool hasChecksums = true, params string[] settings)
    {
        var binaries = await BinariesAsync(major);
        var cluster = new ThrowAwayCluster(binaries, Path.Combine(NewFolder(), "data"));
        string[] arguments = ["-D", cluster.Data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", .. hasChecksums ? ["-k"] : binaries.Major >= 18 ? ["--no-data-checksums"] : Array.Empty<string>()];
        await Tool.RequireAsync(new ProcessSpec(binaries.Program("initdb"), arguments) { User = User, WorkingDirectory = cluster.Parent }, "initdb", default);
        await cluster.StartAsync(settings);
        return cluster;
    }

    /// <summary>A cluster on a directory that a restore has made; not started.</summary>
    public static async Task<ThrowAwayCluster> OnAsync(int major, string data, int? port = null) => new(await BinariesAsync(major), data, port);

    public async Task StartAsync(params string[] settings)
    {
        Own(Data);
        string[] common =
        [
            "listen_addresses=127.0.0.1", $"port={Port}", "unix_socket_directories=", "fsync=off", "wal_level=replica", "max_wal_size=512MB", "shared_buffers=32MB",
            .. Major >= 17 ? ["summarize_wal=on"] : Array.Empty<string>(), .. settings,
        ];
        _process = ChildProcess.Start(new ProcessSpec(_binaries.Program("postgres"), ["-D", Data, .. common.SelectMany(s => new[] { "-c", s })])
        {
            User = User,
            WorkingDirectory = Parent,
            StopSignal = Unix.SigInt,
            StopTimeout = TimeSpan.FromSeconds(20),
        }, (line, _) =>
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        });
        for (var i = 0; ; i++)
        {
            if (_process.HasExited || i > 600)
            {
                throw new InvalidOperationException($"Postgres did not come up in {Data}:\n{Log}");
            }
            try
            {
                await using var connection = await OpenAsync();
                if (!(bool)(await new NpgsqlCommand("SELECT pg_is_in_recovery()", connection).ExecuteScalarAsync())!)
                {
                    return;
                }
            }
            catch (NpgsqlException)
            {
                // Not listening yet, or still replaying.
            }
            await Task.Delay(50);
        }
    }

    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync();
            _process.Dispose();
            _process = null;
        }
    }

    /// <summary>kill -9 of every process, and the data directory gone.</summary>
    public async Task KillAndDeleteAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        await PostgresLeftovers.EndAsync(Data, default);
        _process.Dispose();
        _process = null;
        Directory.Delete(Data, recursive: true);
    }

    /// <summary>Stops a server that somebody else started on the directory.</summary>
    public async Task StopByControlAsync() =>
        await Tool.RunAsync(new ProcessSpec(_binaries.Program("pg_ctl"), ["stop", "-m", "immediate", "-w", "-D", Data]) { User = User, WorkingDirectory = Parent }, default);

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async Task RunAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>What pg_checksums finds wrong in the stopped cluster; null where the installation lacks that program.</summary>
    public async Task<string?> ChecksumFaultsAsync(bool stopFirst = false)
    {
        if (stopFirst)
        {
            await StopAsync();
        }
        if (!File.Exists(_binaries.Program("pg_checksums")))
        {
            return null;
        }
        var (code, output) = await Tool.RunAsync(new ProcessSpec(_binaries.Program("pg_checksums"), ["--check", "-D", Data]) { User = User, WorkingDirectory = Parent }, default);
        return code == 0 ? null : output;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (Directory.Exists(Parent))
        {
            Directory.Delete(Parent, recursive: true);
        }
    }

    public static void Own(string folder)
    {
        if (User is null)
        {
            return;
        }
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Prepend(folder))
        {
            Unix.ChangeOwner(path, User);
        }
    }
}
