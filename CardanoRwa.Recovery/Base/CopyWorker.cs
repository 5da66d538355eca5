using System.Buffers;

namespace CardanoRwa.Recovery.Base;

/// <summary>Copies pieces of files until none are left.</summary>
internal sealed class CopyWorker(CopyQueue queue, ObjectWriters objects, PageReader pages, RecoveryProgress progress)
{
    public async Task RunAsync(IPieceSource source, CancellationToken cancellationToken)
    {
        await using var writer = new ExtentWriter(objects);
        var buffer = ArrayPool<byte>.Shared.Rent(CopyQueue.RowLength);
        try
        {
            var pieces = new List<Piece>();
            while (queue.Take(pieces))
            {
                await source.AskAsync(pieces, cancellationToken);
                foreach (var piece in pieces)
                {
                    await CopyAsync(source, piece, writer, buffer, cancellationToken);
                }
                writer.EndExtent();
            }
            await writer.CompleteAsync(cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask CopyAsync(IPieceSource source, Piece piece, ExtentWriter writer, byte[] buffer, CancellationToken cancellationToken)
    {
        // Straight into the frame that will be packed, unless only some pages are kept.
        var room = piece.File.ChangedSince is null ? await writer.RoomAsync(piece.File, piece.Offset, piece.Length, cancellationToken) : null;
        var bytes = room ?? buffer.AsMemory(0, piece.Length);
        var read = await source.ReadAsync(piece, bytes, cancellationToken);
        progress.Did(piece.Length);
        if (read is not { } length)
        {
            piece.File.MarkMissing();
            return;
        }
        bytes = bytes[..length];
        piece.File.SawUpTo(piece.Offset + length);
        if (piece.File.Relation is not null)
        {
            await pages.CheckAsync(piece.File, piece.Offset, bytes, cancellationToken);
        }
        if (room is not null)
        {
            await writer.AdvanceAsync(length, cancellationToken);
        }
        else
        {
            await KeepAsync(piece, bytes, writer, cancellationToken);
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
