using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.DevNet.Ledger;

namespace CardanoRwa.Tests.DevNet;

/// <summary>The rules over a handful of outputs, at slot 1000.</summary>
internal static class LedgerFixture
{
    internal const ulong Slot = 1000;

    private static readonly LedgerRules Rules = new(TestWallet.Parameters, CardanoNetwork.Testnet);

    /// <summary>Names of the faults, read from the bytes as they would arrive.</summary>
    internal static IReadOnlyList<string> Check(Transaction transaction, params IEnumerable<Utxo> ledger) => [.. Faults(transaction, ledger).Select(static f => f.Name)];

    internal static IReadOnlyList<LedgerFault> Faults(Transaction transaction, params IEnumerable<Utxo> ledger)
    {
        var outputs = ledger.ToDictionary(static u => u.Input, static u => u.Output);
        return Rules.Check(Candidate.Verify(Transaction.Decode(transaction.Bytes)), input => outputs.GetValueOrDefault(input), Slot);
    }
}
