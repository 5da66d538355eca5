using System.Buffers;
using System.Data;
using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>The WAL from a backup's start to its end, read from the server's own pg_wal: with it a backup restores by itself.</summary>
internal static class SourceWal
{
    public static List<SourceFile> Segments(uint timeline, Lsn start, Lsn stop, int segmentSize)
    {
        var files = new List<SourceFile>();
        // The stop position is the first byte after the last record.
        for (var segment = (ulong)start / (ulong)segmentSize; segment <= ((ulong)stop - 1) / (ulong)segmentSize; segment++)
        {
            files.Add(new SourceFile($"pg_wal/{WalNames.Segment(timeline, segment, segmentSize)}", segmentSize, null));
        }
        return files;
    }

    public static async Task CopyAsync(NpgsqlConnection connection, List<SourceFile> segments, ExtentWriter writer, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyQueue.RowLength);
        try
        {
            foreach (var file in segments)
            {
                await using var command = new NpgsqlCommand("SELECT pg_read_binary_file($1, o, $3, true) FROM generate_series(0, $2 - 1, $3) o", connection)
                {
                    Parameters = { new() { Value = file.Path }, new() { Value = file.Length }, new() { Value = (long)CopyQueue.RowLength } },
                };
                await using var rows = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
                for (long offset = 0; await rows.ReadAsync(cancellationToken); offset += CopyQueue.RowLength)
                {
                    if (await rows.IsDBNullAsync(0, cancellationToken))
                    {
                        throw new InvalidDataException($"{file.Path} was removed although a replication slot holds it.");
                    }
                    await using var value = await rows.GetStreamAsync(0, cancellationToken);
                    await value.ReadExactlyAsync(buffer.AsMemory(0, CopyQueue.RowLength), cancellationToken);
                    file.SawUpTo(offset + CopyQueue.RowLength);
                    await writer.AppendAsync(file, offset, buffer.AsMemory(0, CopyQueue.RowLength), cancellationToken);
                    progress.Did(CopyQueue.RowLength);
                }
                writer.EndExtent();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
