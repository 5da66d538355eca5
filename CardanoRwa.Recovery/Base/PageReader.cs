using System.Collections.Concurrent;
using CardanoRwa.Recovery.Catalogue;
using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>Looks at the pages that were read: whether their checksums are right, and which changed since the parent backup.</summary>
internal sealed class PageReader(SourceServer server, ServerFacts facts, Lsn start, TimeProvider clock) : IAsyncDisposable
{
    // A page that the server was writing while it was read is whole a moment later.
    private const int Attempts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentBag<DamagedPage> _damaged = [];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private NpgsqlConnection? _connection;
    private int _reread;

    public IReadOnlyList<DamagedPage> Damaged => [.. _damaged.OrderBy(d => d.Path, StringComparer.Ordinal).ThenBy(d => d.Block)];

    /// <summary>Pages that were right on a second reading.</summary>
    public int Reread => _reread;

    /// <summary>Checks every whole page, and replaces in the buffer those that a second reading brings right.</summary>
    public async ValueTask CheckAsync(SourceFile file, long offset, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!facts.HasChecksums)
        {
            return;
        }
        for (var at = 0; at + facts.BlockSize <= bytes.Length; at += facts.BlockSize)
        {
            var block = BlockOf(file, offset + at);
            if (!PageChecksum.IsRight(bytes.Span.Slice(at, facts.BlockSize), block))
            {
                await RereadAsync(file, offset + at, block, bytes.Slice(at, facts.BlockSize), cancellationToken);
            }
        }
    }

    /// <summary>Runs of pages to keep: changed since the parent's start, never written, or not in the parent at all.</summary>
    public List<(int Start, int Length)> Changed(SourceFile file, long offset, ReadOnlySpan<byte> bytes)
    {
        var runs = new List<(int Start, int Length)>();
        for (var at = 0; at < bytes.Length; at += facts.BlockSize)
        {
            var length = Math.Min(facts.BlockSize, bytes.Length - at);
            // A page without an LSN may have held something else before: replay would not bring it.
            var isKept = length < facts.BlockSize || offset + at >= file.ParentLength
                || PageChecksum.Lsn(bytes[at..]) is var lsn && (lsn == 0 || lsn >= (ulong)file.ChangedSince!.Value);
            if (!isKept)
            {
                continue;
            }
            if (runs.Count > 0 && runs[^1] is var last && last.Start + last.Length == at)
            {
                runs[^1] = (last.Start, last.Length + length);
            }
            else
            {
                runs.Add((at, length));
            }
        }
        return runs;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
        _turn.Dispose();
    }

    private uint BlockOf(SourceFile file, long offset) => file.Relation!.Value.Segment * (uint)facts.SegmentBlocks + (uint)(offset / facts.BlockSize);

    private async Task RereadAsync(SourceFile file, long offset, uint block, Memory<byte> page, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _connection ??= await server.OpenAsync(cancellationToken);
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                await using var command = new NpgsqlCommand("SELECT pg_read_binary_file($1, $2, $3, true)", _connection)
                {
                    Parameters = { new() { Value = file.Path }, new() { Value = offset }, new() { Value = (long)page.Length } },
                };
                if (await command.ExecuteScalarAsync(cancellationToken) is not byte[] again || again.Length < page.Length)
                {
                    // Dropped or truncated meanwhile; replay does the same.
                    return;
                }
                again.CopyTo(page);
                if (PageChecksum.IsRight(again, block))
                {
                    Interlocked.Increment(ref _reread);
                    return;
                }
                await Task.Delay(Pause, clock, cancellationToken);
            }

            // Changed since the backup began: its whole image is in the WAL that a restore replays. An LSN the server has not reached is damage.
            await using var position = new NpgsqlCommand("SELECT pg_current_wal_insert_lsn()", _connection);
            var now = (Lsn)(await position.ExecuteScalarAsync(cancellationToken))!;
            var lsn = PageChecksum.Lsn(page.Span);
            if (lsn < (ulong)start || lsn > (ulong)now)
            {
                _damaged.Add(new DamagedPage(file.Path, offset / facts.BlockSize));
            }
        }
        finally
        {
            _turn.Release();
        }
    }
}
