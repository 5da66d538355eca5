using System.Buffers.Binary;
using CardanoRwa.DevNet.Chain;

namespace CardanoRwa.DevNet.Storage;

/// <summary>One thing that happened. The chain is a function of these in their order, so they are all that is kept.</summary>
internal abstract record LogRecord
{
    internal sealed record Start(DateTimeOffset SystemStart, int Seed) : LogRecord;

    internal sealed record Submitted(ReadOnlyMemory<byte> Transaction) : LogRecord;

    internal sealed record Forged(ulong Slot) : LogRecord;

    internal sealed record RolledBack(ulong Slot, int Depth, RollbackFate Fate) : LogRecord;

    internal sealed record ClockSet(ClockSetting Setting) : LogRecord;

    private enum Kind : byte
    {
        Start = 1,
        Submitted = 2,
        Forged = 3,
        RolledBack = 4,
        ClockSet = 5,
    }

    internal byte[] Encode()
    {
        switch (this)
        {
            case Start start:
                var head = Make(Kind.Start, 12);
                BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(1), start.SystemStart.UtcTicks);
                BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(9), start.Seed);
                return head;
            case Submitted submitted:
                return [(byte)Kind.Submitted, .. submitted.Transaction.Span];
            case Forged forged:
                var block = Make(Kind.Forged, 8);
                BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(1), forged.Slot);
                return block;
            case RolledBack back:
                var fork = Make(Kind.RolledBack, 13);
                BinaryPrimitives.WriteUInt64LittleEndian(fork.AsSpan(1), back.Slot);
                BinaryPrimitives.WriteInt32LittleEndian(fork.AsSpan(9), back.Depth);
                fork[13] = (byte)back.Fate;
                return fork;
            case ClockSet clock:
                var set = Make(Kind.ClockSet, 24);
                BinaryPrimitives.WriteInt64LittleEndian(set.AsSpan(1), clock.Setting.At.UtcTicks);
                BinaryPrimitives.WriteDoubleLittleEndian(set.AsSpan(9), clock.Setting.Slot);
                BinaryPrimitives.WriteDoubleLittleEndian(set.AsSpan(17), clock.Setting.Speed);
                return set;
            default:
                throw new InvalidOperationException($"No encoding for {GetType().Name}.");
        }
    }

    internal static LogRecord Decode(ReadOnlySpan<byte> raw) => (Kind)raw[0] switch
    {
        Kind.Start => new Start(Time(raw[1..]), BinaryPrimitives.ReadInt32LittleEndian(raw[9..])),
        Kind.Submitted => new Submitted(raw[1..].ToArray()),
        Kind.Forged => new Forged(BinaryPrimitives.ReadUInt64LittleEndian(raw[1..])),
        Kind.RolledBack => new RolledBack(BinaryPrimitives.ReadUInt64LittleEndian(raw[1..]), BinaryPrimitives.ReadInt32LittleEndian(raw[9..]), (RollbackFate)raw[13]),
        Kind.ClockSet => new ClockSet(new ClockSetting(Time(raw[1..]), BinaryPrimitives.ReadDoubleLittleEndian(raw[9..]), BinaryPrimitives.ReadDoubleLittleEndian(raw[17..]))),
        var kind => throw new InvalidDataException($"Unknown record {kind} in the chain log: it was written by a newer version. Move the data folder away to start anew."),
    };

    private static byte[] Make(Kind kind, int payload)
    {
        var bytes = new byte[1 + payload];
        bytes[0] = (byte)kind;
        return bytes;
    }

    private static DateTimeOffset Time(ReadOnlySpan<byte> ticks) => new(BinaryPrimitives.ReadInt64LittleEndian(ticks), TimeSpan.Zero);
}
