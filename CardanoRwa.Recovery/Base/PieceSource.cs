using System.Data;
using Microsoft.Win32.SafeHandles;
using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>Where the bytes of files come from. One for each worker.</summary>
internal interface IPieceSource : IAsyncDisposable
{
    /// <summary>Says which pieces will be read next, in this order.</summary>
    ValueTask AskAsync(List<Piece> pieces, CancellationToken cancellationToken);

    /// <summary>Bytes read, fewer than the piece's length at the file's end; null where the file is no more.</summary>
    ValueTask<int?> ReadAsync(Piece piece, Memory<byte> into, CancellationToken cancellationToken);
}

/// <summary>Over a connection, as rows of a query.</summary>
internal sealed class SqlPieces : IPieceSource
{
    private const string Query =
        "SELECT pg_read_binary_file(p, o, l, true) FROM unnest($1::text[], $2::bigint[], $3::bigint[]) u(p, o, l)";

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _command;
    private readonly NpgsqlParameter _paths = new(), _offsets = new(), _lengths = new();
    private NpgsqlDataReader? _rows;

    private SqlPieces(NpgsqlConnection connection)
    {
        _connection = connection;
        _command = new NpgsqlCommand(Query, connection) { Parameters = { _paths, _offsets, _lengths } };
    }

    public static async Task<SqlPieces> OpenAsync(SourceServer server, CancellationToken cancellationToken) => new(await server.OpenAsync(cancellationToken));

    public async ValueTask AskAsync(List<Piece> pieces, CancellationToken cancellationToken)
    {
        await EndRowsAsync();
        (_paths.Value, _offsets.Value, _lengths.Value) =
            (pieces.ConvertAll(p => p.File.Path), pieces.ConvertAll(p => p.Offset), pieces.ConvertAll(p => (long)p.Length));
        _rows = await _command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
    }

    public async ValueTask<int?> ReadAsync(Piece piece, Memory<byte> into, CancellationToken cancellationToken)
    {
        await _rows!.ReadAsync(cancellationToken);
        if (await _rows.IsDBNullAsync(0, cancellationToken))
        {
            return null;
        }
        await using var value = await _rows.GetStreamAsync(0, cancellationToken);
        return await value.ReadAtLeastAsync(into, piece.Length, throwOnEndOfStream: false, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await EndRowsAsync();
        await _command.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async ValueTask EndRowsAsync()
    {
        if (_rows is { } rows)
        {
            _rows = null;
            await rows.DisposeAsync();
        }
    }
}

/// <summary>From the data directory itself; what the server's own function would read, without the way through the server. See <see cref="LocalDirectory"/>.</summary>
internal sealed class LocalPieces(string directory) : IPieceSource
{
    private SourceFile? _file;
    private SafeFileHandle? _handle;

    public ValueTask AskAsync(List<Piece> pieces, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<int?> ReadAsync(Piece piece, Memory<byte> into, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (piece.File != _file)
        {
            _handle?.Dispose();
            (_file, _handle) = (piece.File, Open(Path.Combine(directory, piece.File.Path)));
        }
        return ValueTask.FromResult(_handle is null ? (int?)null : Read(_handle, piece, into.Span));
    }

    public ValueTask DisposeAsync()
    {
        _handle?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static SafeFileHandle? Open(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static int Read(SafeFileHandle handle, Piece piece, Span<byte> into)
    {
        var total = 0;
        while (total < piece.Length && RandomAccess.Read(handle, into[total..piece.Length], piece.Offset + total) is > 0 and var count)
        {
            total += count;
        }
        return total;
    }
}
