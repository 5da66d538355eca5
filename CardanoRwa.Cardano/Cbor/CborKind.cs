namespace CardanoRwa.Cardano.Cbor;

/// <summary>Major types of RFC 8949, section 3.1, with the break code told apart.</summary>
public enum CborKind
{
    UnsignedInteger = 0,
    NegativeInteger = 1,
    Bytes = 2,
    Text = 3,
    Array = 4,
    Map = 5,
    Tag = 6,
    Simple = 7,
    Break = 8,
}
