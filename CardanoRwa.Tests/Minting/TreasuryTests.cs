using System.Text.Json;
using CardanoRwa.Core.Minting;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Tests.Minting;

/// <summary>A wallet of cardano-cli's key files, one address for fees and tokens, and holdings that lie scattered in it.</summary>
[Collection(ReconcileCollection.Name)]
public sealed class TreasuryTests(ServersFixture graph)
{
    // Beyond about 400 outputs no transaction could spend them beside a burn; more than 60 are merged.
    private static readonly int Scattered = Environment.GetEnvironmentVariable("RWA_CAMPAIGN") is null ? 65 : 500;

    [Fact]
    public async Task Burn_of_holdings_in_many_outputs_merges_them_first_and_keys_come_from_files()
    {
        var folder = Directory.CreateTempSubdirectory("rwa-keys-");
        try
        {
            await using var lab = await MintLab.StartAsync(
                graph, settings: [("Minting__PaymentKeyFile", KeyFile("payment", 7)), ("Minting__PolicyKeyFiles__0", KeyFile("policy", 8))]);
            Assert.Equal(lab.Wallet.FeeAddress, lab.Wallet.TreasuryAddress);
            var asset = (await lab.AddAssetsAsync(1, new PutToken("plain")))[0];
            var acknowledged = new List<Guid>();
            for (var i = 0; i < Scattered; i++)
            {
                acknowledged.Add(await lab.MintAsync(asset, 1, $"{i}"));
            }
            await lab.ReadAsync(db => db.Database.ExecuteSqlAsync($"UPDATE operations SET alone = true")); // a transaction for each

            await using var worker = lab.StartWorker();
            await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);
            Assert.Equal(Scattered, await lab.ReadAsync(db => db.WalletUtxos.CountAsync(u => u.Role == WalletRole.Treasury && u.SpentBy == null)));
            acknowledged.Add(JsonSerializer.Deserialize<Guid>((await lab.RequestAsync(asset, OperationKind.Burn, Scattered - 2, "burn")).Value!.Body));
            await lab.UntilOverAsync(TimeSpan.FromMinutes(3), worker);

            Assert.Equal(OperationState.Confirmed, (await lab.FindAsync(acknowledged[^1])).State);
            Assert.NotEqual(0, await lab.ReadAsync(db => db.ChainTransactions.CountAsync(t => t.Operations == 0 && t.Stage == TransactionStage.Confirmed)));
            await lab.AssertExactAsync(acknowledged);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        string KeyFile(string name, byte key)
        {
            var path = Path.Combine(folder.FullName, $"{name}.skey");
            File.WriteAllText(path, $$"""{"type": "PaymentSigningKeyShelley_ed25519", "description": "", "cborHex": "5820{{Convert.ToHexStringLower([.. Enumerable.Repeat(key, 32)])}}"}""");
            return path;
        }
    }
}
