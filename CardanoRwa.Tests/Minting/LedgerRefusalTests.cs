using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Blockfrost;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Minting;

/// <summary>A ledger that refuses what the builder thought well of.</summary>
[Collection(MintCollection.Name)]
public sealed class LedgerRefusalTests(GraphFixture graph)
{
    [Fact]
    public async Task Operation_that_the_ledger_refuses_fails_alone_and_those_that_shared_its_transaction_are_minted()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = await lab.AddAssetsAsync(3);
        var acknowledged = new List<Guid>();
        for (var i = 0; i < 9; i++)
        {
            acknowledged.Add(await lab.MintAsync(assets[i % 3], 1 + i, $"{i}"));
        }
        var poison = acknowledged[4];
        using var processor = lab.CreateProcessor(services => services.AddSingleton<ICardanoProvider>(p => new PickyChain(p.GetRequiredService<BlockfrostProvider>(), poison)));

        await lab.ProcessAsync(processor, TimeSpan.FromSeconds(60));

        var refused = await lab.FindAsync(poison);
        Assert.Equal((OperationState.Failed, "refused_by_ledger"), (refused.State, refused.FailureCode));
        Assert.Contains(PickyChain.Reason, refused.FailureReason, StringComparison.Ordinal);
        Assert.Equal(8, await lab.ReadAsync(db => db.Operations.CountAsync(o => o.State == OperationState.Confirmed)));
        await lab.AssertExactAsync(acknowledged);
    }

    private sealed class PickyChain(BlockfrostProvider chain, Guid poison) : ICardanoProvider
    {
        public const string Reason = "not this one";

        public async Task<SubmitOutcome> SubmitAsync(Transaction transaction, CancellationToken cancellation = default) =>
            OperationTag.Read(transaction).Any(o => o.OperationId == poison)
                ? new SubmitOutcome.Refused([new LedgerRefusal(LedgerRule.ScriptWitnessNotValidatingUTXOW, Reason)])
                : await chain.SubmitAsync(transaction, cancellation);

        public Task<ProtocolParameters> GetProtocolParametersAsync(CancellationToken cancellation = default) => chain.GetProtocolParametersAsync(cancellation);
        public Task<ChainPoint> GetTipAsync(CancellationToken cancellation = default) => chain.GetTipAsync(cancellation);
        public Task<IReadOnlyList<Utxo>> GetUtxosAsync(Address address, CancellationToken cancellation = default) => chain.GetUtxosAsync(address, cancellation);
        public Task<TransactionStatus> GetStatusAsync(Hash32 transactionId, CancellationToken cancellation = default) => chain.GetStatusAsync(transactionId, cancellation);
    }
}
