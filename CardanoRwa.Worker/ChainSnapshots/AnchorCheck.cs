using CardanoRwa.Cardano.Blockfrost;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Worker.Recovery;

namespace CardanoRwa.Worker.ChainSnapshots;

/// <summary>Asks the chain whether a transaction carries a snapshot's root. Needs no registry, no store and no key.</summary>
internal static class AnchorCheck
{
    /// <param name="root">As computed from the file's lines.</param>
    /// <param name="transaction">64 hex digits.</param>
    /// <param name="provider">A Blockfrost API.</param>
    /// <param name="projectId">Its project id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<int> RunAsync(string root, string transaction, Uri provider, string? projectId, CancellationToken cancellationToken)
    {
        if (!Hash32.TryParse(transaction, out var id))
        {
            return Say($"{transaction} is not the id of a transaction.");
        }
        try
        {
            var chain = BlockfrostProvider.Create(new BlockfrostOptions { Url = provider, ProjectId = projectId });
            if (await chain.GetTransactionAsync(id, cancellationToken) is not { } found)
            {
                return Say($"The chain has no transaction {transaction} in a block.");
            }
            if (AnchorTag.Read(found) is not { } anchored)
            {
                return Say($"Transaction {transaction} carries no root (metadata label {AnchorTag.Label}).");
            }
            if (anchored.Root != root)
            {
                return Say($"Transaction {transaction} carries the root {anchored.Root}, of {anchored.SnapshotId}, and not {root}.");
            }
            var block = (await chain.GetStatusAsync(id, cancellationToken)).Block;
            Console.WriteLine($"On the chain: transaction {transaction}, block {block?.Height} ({block?.Hash}).");
            return ExitCodes.Done;
        }
        catch (ProviderException e)
        {
            await Console.Error.WriteLineAsync($"chain_unavailable: {e.Message}");
            return ExitCodes.Unavailable;
        }
    }

    private static int Say(string fault)
    {
        Console.WriteLine($"  {fault}");
        return ExitCodes.Damaged;
    }
}
