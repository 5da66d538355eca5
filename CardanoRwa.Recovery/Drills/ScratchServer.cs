using CardanoRwa.Recovery.Restore;
using Npgsql;

namespace CardanoRwa.Recovery.Drills;

/// <summary>
/// The server of a restored copy, in a room without doors: it listens on a socket in a private folder only, asks there for no password,
/// archives nothing, waits for no standby and loads no library of its source.
/// </summary>
internal sealed class ScratchServer : IAsyncDisposable
{
    private const int Port = 5432; // names the socket, nothing else
    private readonly ScratchFolder _folder;
    private readonly RestoredServer _server;
    private readonly string _sockets;
    private bool _isUp;

    public ScratchServer(ScratchFolder folder, PostgresPrograms programs, TimeProvider clock)
    {
        (_folder, _server) = (folder, new RestoredServer(programs, folder.Data, clock));
        // The path of a socket is bounded to about a hundred bytes, the scratch path is not.
        _sockets = Directory.CreateTempSubdirectory("rwa-").FullName;
        if (Unix.OwnerToKeep(folder.Data) is { } owner)
        {
            Unix.GiveTo(owner, _sockets);
        }
    }

    public string SocketFolder => _sockets;

    /// <summary>Null once it is up; else the end of its log.</summary>
    /// <param name="restorePoint">Where to stop and wait, readable; null to replay all there is and take writes.</param>
    public async Task<string?> StartAsync(string? restorePoint, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var access = Path.Combine(_folder.Root, "access.conf");
        await File.WriteAllTextAsync(access, "local all all trust\n", cancellationToken);
        string[] settings =
        [
            "listen_addresses=", $"unix_socket_directories={_sockets}", $"hba_file={access}", "ssl=off", "archive_mode=off", "synchronous_standby_names=", "primary_conninfo=",
            "shared_preload_libraries=", "session_preload_libraries=", "local_preload_libraries=", "logging_collector=off", "log_destination=stderr", "max_standby_streaming_delay=-1",
            .. restorePoint is null ? Array.Empty<string>() : [$"recovery_target_name={restorePoint}", "recovery_target_action=pause"],
        ];
        var fault = await _server.StartAsync(Port, settings, progress, cancellationToken, asStandby: restorePoint is not null);
        _isUp = fault is null;
        return fault;
    }

    public string ConnectionString(string user, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _sockets,
        Port = Port,
        Username = user,
        Database = database,
        Pooling = false,
        CommandTimeout = 0,
        Enlist = false,
    }.ConnectionString;

    public async Task<NpgsqlConnection> OpenAsync(string user, string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionString(user, database));
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public Task<string> TailAsync(CancellationToken cancellationToken) => _server.TailAsync(cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _server.StopAsync(cancellationToken);
        _isUp = false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isUp || File.Exists(Path.Combine(_folder.Data, "postmaster.pid")))
        {
            await _server.AbortAsync(CancellationToken.None);
        }
        Directory.Delete(_sockets, recursive: true);
    }
}
