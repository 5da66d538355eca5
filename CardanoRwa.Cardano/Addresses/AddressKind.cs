namespace CardanoRwa.Cardano.Addresses;

/// <summary>The families of CIP-19; a header's type is the family plus which credentials are scripts.</summary>
public enum AddressKind
{
    /// <summary>Types 0-3: payment and stake credential.</summary>
    Base,

    /// <summary>Types 4-5: payment credential and a pointer to a stake registration.</summary>
    StakePointer,

    /// <summary>Types 6-7: payment credential alone.</summary>
    Enterprise,

    /// <summary>Type 8: from before Shelley; recognised and passed through, never made here.</summary>
    Byron,

    /// <summary>Types 14-15: a stake (reward) address, which cannot receive a payment.</summary>
    Stake,
}
