using CardanoRwa.Cardano.Cbor;
using CardanoRwa.Cardano.Keys;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;
using CsCheck;

namespace CardanoRwa.Tests.Cardano;

/// <summary>Whatever the bytes, a decoder answers or throws <see cref="CborFormatException"/>, in memory and time bounded by their number.</summary>
public class DecoderFuzzTests
{
    [Fact]
    public void Transaction_decoder_survives_any_bytes() => Generators.Bytes(0, 400).Sample(Survives, iter: 20_000);

    [Fact]
    public void Transaction_decoder_survives_damaged_transactions() => Damaged.Sample(static bytes =>
    {
        Survives(bytes);
        if (!Transaction.TryDecode(bytes, out var transaction, out _)) return;
        Assert.Equal(bytes.Length, transaction.WireSize);
        Assert.Equal(transaction.Id, Transaction.Decode(transaction.AddWitnesses(WitnessSet.Empty).Bytes).Id);
    }, iter: 5_000);

    [Fact]
    public void Other_decoders_survive_any_bytes() => Generators.Bytes(0, 120).Sample(static bytes =>
    {
        Tolerates(() => NativeScript.Decode(bytes));
        Tolerates(() => AuxiliaryData.Decode(bytes));
        Tolerates(() => WitnessSet.Decode(bytes));
        Tolerates(() => TxOut.Decode(bytes));
        Tolerates(() => PlutusData.Decode(bytes));
        Tolerates(() => SignedMessage.Decode(bytes));
    }, iter: 10_000);

    [Fact]
    public void Large_hostile_input_costs_no_more_than_a_few_times_its_size()
    {
        // A map of inputs that all claim to be there, and the widest things that fit: none may cost more than linear work.
        byte[][] hostile =
        [
            [0x84, 0xa1, 0x00, 0x9f, .. Enumerable.Repeat((byte)0x82, 1 << 20)],
            [0x84, 0xa1, 0x01, 0x9f, .. Enumerable.Repeat((byte)0xa0, 1 << 20)],
            [0x84, 0xa1, 0x09, 0xbf, .. Enumerable.Repeat((byte)0x5f, 1 << 20)],
            [0x84, 0xa1, 0x04, 0x9f, .. Enumerable.Repeat((byte)0x9f, 1 << 20)],
        ];
        foreach (var bytes in hostile)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.False(Transaction.TryDecode(bytes, out _, out _));
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20);
        }
    }

    private static readonly Gen<byte[]> Damaged = Gen.Select(Generators.Transaction, Gen.Int[0, 3], Gen.Int[0, int.MaxValue], Gen.Byte, static (transaction, how, place, with) =>
    {
        var bytes = transaction.Bytes.ToArray();
        var at = place % bytes.Length;
        switch (how)
        {
            case 0: bytes[at] = with; return bytes;
            case 1: return bytes[..at];
            case 2: return [.. bytes[..at], with, .. bytes[at..]];
            default: return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + with % 8)..]];
        }
    });

    private static void Survives(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Transaction.TryDecode(bytes, out _, out _);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000 + 200 * bytes.Length);
    }

    private static void Tolerates(Action decode)
    {
        try
        {
            decode();
        }
        catch (CborFormatException)
        {
            // The one way to refuse.
        }
    }
}
