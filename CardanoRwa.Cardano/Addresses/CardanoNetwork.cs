namespace CardanoRwa.Cardano.Addresses;

/// <summary>The network id in an address header and in transaction body key 15. All test networks share 0.</summary>
public enum CardanoNetwork : byte
{
    Testnet = 0,
    Mainnet = 1,
}
