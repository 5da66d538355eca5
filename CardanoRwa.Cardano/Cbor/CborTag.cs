namespace CardanoRwa.Cardano.Cbor;

/// <summary>Tags used by the Conway CDDL and by COSE.</summary>
public static class CborTag
{
    public const ulong PositiveBigInteger = 2;
    public const ulong NegativeBigInteger = 3;
    public const ulong CoseSign1 = 18;
    public const ulong EncodedCbor = 24;
    public const ulong Constructor0 = 121;
    public const ulong Constructor7 = 1280;
    public const ulong ConstructorAny = 102;
    public const ulong Set = 258;
    public const ulong AlonzoAuxiliaryData = 259;
}
