using System.Diagnostics.CodeAnalysis;

namespace CardanoRwa.Cardano.Addresses;

/// <summary>An address of CIP-19, valid by construction; equal if its bytes are.</summary>
public sealed class Address : IEquatable<Address>
{
    private const int BaseLength = 1 + Hash28.Size * 2;
    private const int SingleLength = 1 + Hash28.Size;

    private readonly byte[] bytes;

    private Address(byte[] bytes, AddressKind kind, CardanoNetwork network, Credential? payment, Credential? stake)
    {
        this.bytes = bytes;
        Kind = kind;
        Network = network;
        Payment = payment;
        Stake = stake;
    }

    public AddressKind Kind { get; }
    public CardanoNetwork Network { get; }

    /// <summary>Null for stake and Byron addresses.</summary>
    public Credential? Payment { get; }

    /// <summary>Null for pointer, enterprise and Byron addresses.</summary>
    public Credential? Stake { get; }

    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>For the ledger's OutputBootAddrAttrsTooBig rule (64 at most): bytes of a Byron address' derivation path and unknown attributes.</summary>
    public int ByronAttributesSize => Kind == AddressKind.Byron ? ByronAddress.Read(bytes).AttributesSize : 0;

    public static Address Base(CardanoNetwork network, Credential payment, Credential stake)
    {
        Span<byte> raw = stackalloc byte[BaseLength];
        raw[0] = Header((payment.IsScript ? 1 : 0) | (stake.IsScript ? 2 : 0), network);
        payment.Hash.Bytes.CopyTo(raw[1..]);
        stake.Hash.Bytes.CopyTo(raw[SingleLength..]);
        return new Address(raw.ToArray(), AddressKind.Base, network, payment, stake);
    }

    public static Address Enterprise(CardanoNetwork network, Credential payment) =>
        new(Single(payment.IsScript ? 7 : 6, network, payment), AddressKind.Enterprise, network, payment, null);

    public static Address StakeOf(CardanoNetwork network, Credential stake) =>
        new(Single(stake.IsScript ? 15 : 14, network, stake), AddressKind.Stake, network, null, stake);

    public static Address FromBytes(ReadOnlySpan<byte> raw) =>
        TryFromBytes(raw, out var address) ? address : throw new FormatException($"Not an address: {Convert.ToHexStringLower(raw)}");

    public static bool TryFromBytes(ReadOnlySpan<byte> raw, [NotNullWhen(true)] out Address? address)
    {
        address = null;
        if (raw.IsEmpty) return false;
        var type = raw[0] >> 4;
        if (type == 8) return TryByron(raw, out address);
        var network = (CardanoNetwork)(raw[0] & 0xf);
        if (network > CardanoNetwork.Mainnet) return false;
        Credential? At(ReadOnlySpan<byte> source, int offset, bool script) =>
            new(script ? CredentialKind.Script : CredentialKind.Key, new Hash28(source.Slice(offset, Hash28.Size)));
        address = type switch
        {
            < 4 when raw.Length == BaseLength => new(raw.ToArray(), AddressKind.Base, network, At(raw, 1, (type & 1) != 0), At(raw, SingleLength, (type & 2) != 0)),
            4 or 5 when raw.Length > SingleLength && IsPointer(raw[SingleLength..]) => new(raw.ToArray(), AddressKind.StakePointer, network, At(raw, 1, type == 5), null),
            6 or 7 when raw.Length == SingleLength => new(raw.ToArray(), AddressKind.Enterprise, network, At(raw, 1, type == 7), null),
            14 or 15 when raw.Length == SingleLength => new(raw.ToArray(), AddressKind.Stake, network, null, At(raw, 1, type == 15)),
            _ => null,
        };
        return address is not null;
    }

    public static Address Parse(string text) => TryParse(text, out var address) ? address : throw new FormatException($"Not a Cardano address: '{text}'.");

    /// <summary>Bech32 (addr, addr_test, stake, stake_test) or the base58 of a Byron address.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Address? address)
    {
        address = null;
        if (string.IsNullOrEmpty(text)) return false;
        if (Bech32.TryDecode(text, out var prefix, out var data)) return TryFromBytes(data, out address) && address.Kind != AddressKind.Byron && address.Prefix == prefix;
        return Base58.TryDecode(text, out data) && TryFromBytes(data, out address) && address.Kind == AddressKind.Byron;
    }

    public override string ToString() => Kind == AddressKind.Byron ? Base58.Encode(bytes) : Bech32.Encode(Prefix, bytes);
    public bool Equals([NotNullWhen(true)] Address? other) => other is not null && bytes.AsSpan().SequenceEqual(other.bytes);
    public override bool Equals(object? obj) => Equals(obj as Address);

    public override int GetHashCode()
    {
        var code = new HashCode();
        code.AddBytes(bytes);
        return code.ToHashCode();
    }

    private string Prefix => (Kind == AddressKind.Stake, Network) switch
    {
        (false, CardanoNetwork.Mainnet) => "addr",
        (false, _) => "addr_test",
        (true, CardanoNetwork.Mainnet) => "stake",
        _ => "stake_test",
    };

    private static byte Header(int type, CardanoNetwork network) => (byte)((type << 4) | (byte)network);

    private static byte[] Single(int type, CardanoNetwork network, Credential credential) => [Header(type, network), .. credential.Hash.Bytes];

    // Slot, transaction and certificate index: three big-endian base-128 numbers of at most 32, 16 and 16 bits (Conway).
    private static bool IsPointer(ReadOnlySpan<byte> raw)
    {
        ReadOnlySpan<int> widths = [32, 16, 16];
        foreach (var width in widths)
        {
            ulong value = 0;
            var at = 0;
            do
            {
                if (at == raw.Length) return false;
                value = (value << 7) | (uint)(raw[at] & 0x7f);
                if (value >> width != 0) return false;
            }
            while ((raw[at++] & 0x80) != 0);
            raw = raw[at..];
        }

        return raw.IsEmpty;
    }

    private static bool TryByron(ReadOnlySpan<byte> raw, [NotNullWhen(true)] out Address? address)
    {
        try
        {
            address = new Address(raw.ToArray(), AddressKind.Byron, ByronAddress.Read(raw).Network, null, null);
            return true;
        }
        catch (CborFormatException)
        {
            address = null;
            return false;
        }
    }
}
