using System.Buffers.Binary;

namespace CardanoRwa.DevNet.Chain;

/// <summary>Block 0: all the lovelace there is, at the faucet's address.</summary>
internal static class Genesis
{
    internal const int NetworkMagic = 42;
    internal const ulong EpochLength = 432_000;
    internal const int SecurityParameter = 2160;
    internal const long Supply = 45_000_000_000_000_000;

    // One output would make each grant wait for, or chain on, the one before it.
    private const int Outputs = 100;

    internal static SeedPrivateKey FaucetKey(int seed)
    {
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(number, seed);
        return new SeedPrivateKey(Blake2b.Hash256([.. "DevNet faucet "u8, .. number]).Bytes);
    }

    internal static Address FaucetAddress(int seed)
    {
        using var key = FaucetKey(seed);
        return Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(key.PublicKey.Hash));
    }

    internal static Transaction Create(int seed)
    {
        var share = new TxOut(FaucetAddress(seed), Value.OfCoin(Supply / Outputs));
        return Transaction.Create(new TxBody { Inputs = [], Outputs = [.. Enumerable.Repeat(share, Outputs)], Fee = 0 }, WitnessSet.Empty);
    }
}
