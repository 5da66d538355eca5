namespace CardanoRwa.Cardano.Cbor;

/// <summary>Bytes that are not the CBOR the caller expects. <see cref="Offset"/> counts bytes from the start of the decoded span.</summary>
public sealed class CborFormatException(string message, int offset) : FormatException($"{message} (at byte {offset})")
{
    public int Offset { get; } = offset;
}
