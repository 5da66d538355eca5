using CardanoRwa.Cardano.Building;
using CardanoRwa.DevNet.Index;

namespace CardanoRwa.DevNet.Chain;

/// <param name="Lovelace">To each output.</param>
/// <param name="Outputs">More than one lets a wallet spend in parallel.</param>
public sealed record FaucetRequest(Address Address, ulong Lovelace, int Outputs);

/// <summary>Pays from the outputs of the genesis block, with ordinary transactions.</summary>
internal static class Faucet
{
    /// <summary>Null if such outputs cannot be made.</summary>
    internal static Transaction? Build(FaucetRequest request, Blockchain chain, ChainIndex index, int seed)
    {
        var own = Genesis.FaucetAddress(seed);
        var plan = new TransactionPlan
        {
            ChangeAddress = own,
            Outputs = [.. Enumerable.Repeat(new TxOut(request.Address, Value.OfCoin(request.Lovelace)), request.Outputs)],
            Network = CardanoNetwork.Testnet,
        };
        var needed = (Int128)request.Lovelace * request.Outputs + 3_000_000;
        var funds = Funds(chain, index, own).FirstOrDefault(u => u.Value.Coin >= needed);
        if (funds is null) return null;
        using var key = Genesis.FaucetKey(seed);
        return new TransactionBuilder(chain.Rules.Parameters, random: new Random(seed)).Build(plan, [funds]) is BuildOutcome.Built built ? built.Transaction.Sign(key) : null;
    }

    // In blocks first: what is only pending may yet be rolled back or evicted with those before it.
    private static IEnumerable<Utxo> Funds(Blockchain chain, ChainIndex index, Address own)
    {
        var confirmed = index.Find(own)?.Unspent.Select(static o => new Utxo(o.Input, o.Output)) ?? [];
        var pending = chain.Mempool.InOrder.SelectMany(static c => c.Transaction.Body.Outputs.Select((output, i) => new Utxo(new TxIn(c.Id, (ushort)i), output)))
            .Where(u => u.Output.Address.Equals(own));
        return confirmed.Concat(pending).Where(u => chain.Resolve(u.Input) is not null);
    }
}
