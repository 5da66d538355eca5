namespace CardanoRwa.DevNet.Index;

/// <param name="Order">Grows with each output made, so that an address lists its oldest first whatever was undone between.</param>
public sealed record IndexedOutput(TxIn Input, TxOut Output, Hash32 Block, int TransactionIndex, long Order);
