using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Core.Minting.Processing;

internal static class WalletOutputs
{
    /// <summary>Those of a transaction's outputs that the wallet gets.</summary>
    public static IEnumerable<WalletUtxo> Of(Hash32 transaction, IReadOnlyList<TxOut> outputs, SigningWallet wallet) => outputs
        .Select((output, i) => (Utxo: new Utxo(new TxIn(transaction, (ushort)i), output), Role: wallet.RoleOf(output)))
        .Where(o => o.Role is not null)
        .Select(o => WalletUtxo.Of(o.Utxo, o.Role!.Value, transaction.ToString()));
}
