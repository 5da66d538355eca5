using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Writes;
using CardanoRwa.Tests.Caching;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CardanoRwa.Tests.Writes;

/// <summary>The commit that nobody hears of: the server carried it out, the connection broke before it could say so.</summary>
[Collection(GraphCollection.Name)]
public sealed class LostConnectionTests(GraphFixture graph)
{
    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, "keyed")]
    [InlineData(false, "keyed")]
    public async Task Write_whose_commit_is_in_doubt_happens_once(bool commitLanded, string? key)
    {
        var fault = new BrokenCommit(commitLanded);
        using var node = RegistryNode.Create(graph, options => options.AddInterceptors(fault));
        using var scope = node.Services.CreateScope();
        var writer = scope.ServiceProvider.GetRequiredService<RegistryWriter>();
        var registry = scope.ServiceProvider.GetRequiredService<AssetRegistry>();
        var name = Guid.NewGuid().ToString();
        var request = new WriteRequest("test", key is null ? null : key + name, [1, 2, 3]);

        var result = await writer.ExecuteAsync(
            request,
            (stamp, _) => Task.FromResult(registry.Create(new CreateAsset(name, 1), stamp)),
            asset => new WriteResponse(201, asset.Id.ToByteArray()),
            CancellationToken.None);

        Assert.Null(result.Refusal);
        Assert.Equal(1, fault.Broken);
        var stored = await graph.ScalarAsync<Guid[]>("SELECT array_agg(id) FROM assets WHERE name = $1", name);
        Assert.Equal([new Guid(result.Value!.Body)], stored);
        Assert.Equal(2, await graph.ScalarAsync<long>("SELECT count(*) FROM audit WHERE asset_id = $1", stored[0]));
    }

    /// <summary>Breaks the first commit as a cut cable would, after or before the server carried it out.</summary>
    private sealed class BrokenCommit(bool landed) : DbTransactionInterceptor
    {
        public int Broken { get; private set; }

        public override async ValueTask<InterceptionResult> TransactionCommittingAsync(System.Data.Common.DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            if (Broken > 0)
            {
                return result;
            }
            Broken++;
            if (landed)
            {
                await transaction.CommitAsync(cancellationToken);
            }
            else
            {
                await transaction.RollbackAsync(cancellationToken);
            }
            throw new NpgsqlException("Exception while reading from stream", new IOException("The connection was cut."));
        }
    }
}
