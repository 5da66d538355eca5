using System.Buffers;
using System.Data;
using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>One connection that copies pieces of files until none are left.</summary>
internal sealed class CopyWorker(SourceServer server, CopyQueue queue, ObjectWriters objects, PageReader pages, RecoveryProgress progress)
{
    private const string Query =
        "SELECT pg_read_binary_file(p, o, l, true) FROM unnest($1::text[], $2::bigint[], $3::bigint[]) u(p, o, l)";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await server.OpenAsync(cancellationToken);
        await using var writer = new ExtentWriter(objects);
        var buffer = ArrayPool<byte>.Shared.Rent(CopyQueue.RowLength);
        try
        {
            await using var command = new NpgsqlCommand(Query, connection);
            var (paths, offsets, lengths) = (command.Parameters.Add(new()), command.Parameters.Add(new()), command.Parameters.Add(new()));
            var pieces = new List<Piece>();
            while (queue.Take(pieces))
            {
                (paths.Value, offsets.Value, lengths.Value) =
                    (pieces.ConvertAll(p => p.File.Path), pieces.ConvertAll(p => p.Offset), pieces.ConvertAll(p => (long)p.Length));
                await CopyAsync(command, pieces, writer, buffer, cancellationToken);
                writer.EndExtent();
            }
            await writer.CompleteAsync(cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task CopyAsync(NpgsqlCommand command, List<Piece> pieces, ExtentWriter writer, byte[] buffer, CancellationToken cancellationToken)
    {
        await using var rows = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        foreach (var piece in pieces)
        {
            await rows.ReadAsync(cancellationToken);
            if (await rows.IsDBNullAsync(0, cancellationToken))
            {
                piece.File.MarkMissing();
                progress.Did(piece.Length);
                continue;
            }

            // Straight into the frame that will be packed, unless only some pages are kept.
            var room = piece.File.ChangedSince is null ? await writer.RoomAsync(piece.File, piece.Offset, piece.Length, cancellationToken) : null;
            var bytes = room ?? buffer.AsMemory(0, piece.Length);
            await using (var value = await rows.GetStreamAsync(0, cancellationToken))
            {
                bytes = bytes[..await value.ReadAtLeastAsync(bytes, piece.Length, throwOnEndOfStream: false, cancellationToken)];
            }
            progress.Did(piece.Length);
            piece.File.SawUpTo(piece.Offset + bytes.Length);
            if (piece.File.Relation is not null)
            {
                await pages.CheckAsync(piece.File, piece.Offset, bytes, cancellationToken);
            }
            if (room is not null)
            {
                await writer.AdvanceAsync(bytes.Length, cancellationToken);
            }
            else
            {
                await KeepAsync(piece, bytes, writer, cancellationToken);
            }
        }
    }

    private async ValueTask KeepAsync(Piece piece, Memory<byte> bytes, ExtentWriter writer, CancellationToken cancellationToken)
    {
        if (piece.File.ChangedSince is null)
        {
            await writer.AppendAsync(piece.File, piece.Offset, bytes, cancellationToken);
            return;
        }
        foreach (var (start, length) in pages.Changed(piece.File, piece.Offset, bytes.Span))
        {
            await writer.AppendAsync(piece.File, piece.Offset + start, bytes.Slice(start, length), cancellationToken);
        }
    }
}
