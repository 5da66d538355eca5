using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Writes;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Tests.Compliance;

[Collection(GraphCollection.Name)]
public sealed class ComplianceExpiryTests(GraphFixture graph)
{
    [Fact]
    public async Task Sweep_writes_the_expiry_and_its_audit_row()
    {
        await using var db = Registry.Context(graph.Database);
        var made = ChangeStamp.Create("test", TimeProvider.System);
        var asset = new AssetRegistry(db).Create(new CreateAsset("a", 1), made).Value!;
        var record = new ComplianceRecord { Id = made.EntityId, AssetId = asset.Id, Check = "title", RequestedBy = "test", Status = ComplianceStatus.Approved, CreatedAt = made.At, ValidUntil = made.At.AddSeconds(-1) };
        db.Add(record);
        await db.SaveAsync(made, CancellationToken.None);

        var stamp = ChangeStamp.Create("sweep", TimeProvider.System);
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            await new ComplianceDesk(db, new AssetRegistry(db)).ExpireAsync(stamp, 200, CancellationToken.None);
            await db.SaveAsync(stamp, CancellationToken.None);
            await transaction.CommitAsync();
        }

        // The graph's own worker sweeps too: it may hold the row a moment longer, and whoever was first left exactly one audit row.
        db.ChangeTracker.Clear();
        for (var patience = 0; patience < 50 && await StatusAsync() != ComplianceStatus.Expired; patience++)
        {
            await Task.Delay(100);
        }
        Assert.Equal(ComplianceStatus.Expired, await StatusAsync());
        Assert.Equal(1, await db.Audit.CountAsync(a => a.SubjectId == record.Id && a.Action == "compliance_record.changed"));

        Task<ComplianceStatus> StatusAsync() => db.ComplianceRecords.AsNoTracking().Where(r => r.Id == record.Id).Select(r => r.Status).SingleAsync();
    }
}
