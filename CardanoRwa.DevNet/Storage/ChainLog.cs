using System.Buffers.Binary;

namespace CardanoRwa.DevNet.Storage;

/// <summary>
/// An append-only file of records, each <c>[length u32][checksum u32][payload]</c>, little-endian. A record reaches the
/// operating system before it is acted on, so a killed process loses nothing that it answered; what a crash tore off is cut away.
/// </summary>
internal sealed class ChainLog : IDisposable
{
    internal const string FileName = "chain.log";
    private const int HeadSize = 8;
    private const int MaxPayload = 1 << 20;

    private readonly FileStream file;

    private ChainLog(FileStream file) => this.file = file;

    /// <summary>Bytes at the end of the file that were not whole records; they are kept beside it.</summary>
    internal long TornBytes { get; private set; }

    internal static ChainLog Open(string folder, out List<LogRecord> records)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        var log = new ChainLog(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0));
        records = log.ReadAll();
        return log;
    }

    internal void Append(LogRecord record)
    {
        var payload = record.Encode();
        var framed = new byte[HeadSize + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(4), Checksum(payload));
        payload.CopyTo(framed, HeadSize);
        file.Write(framed);
    }

    /// <summary>To the disk itself, against a loss of power.</summary>
    internal void Flush() => file.Flush(flushToDisk: true);

    internal void Clear() => file.SetLength(0);

    public void Dispose() => file.Dispose();

    private List<LogRecord> ReadAll()
    {
        var records = new List<LogRecord>();
        using var reader = new BufferedStream(new FileStream(file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0), 1 << 20);
        var head = new byte[HeadSize];
        long good = 0;
        while (reader.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false) == HeadSize)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is < 1 or > MaxPayload) break;
            var payload = new byte[length];
            if (reader.ReadAtLeast(payload, length, throwOnEndOfStream: false) < length) break;
            if (Checksum(payload) != BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4))) break;
            records.Add(LogRecord.Decode(payload));
            good += HeadSize + length;
        }

        TornBytes = file.Length - good;
        if (TornBytes > 0) CutAway(good);
        file.Position = good;
        return records;
    }

    private void CutAway(long good)
    {
        using (var torn = File.Create(file.Name + ".torn"))
        {
            file.Position = good;
            file.CopyTo(torn);
        }

        file.SetLength(good);
    }

    private static uint Checksum(ReadOnlySpan<byte> payload)
    {
        Span<byte> hash = stackalloc byte[16];
        Blake2b.Hash(payload, hash);
        return BinaryPrimitives.ReadUInt32LittleEndian(hash);
    }
}
