using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Data;
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

        db.ChangeTracker.Clear();
        Assert.Equal(ComplianceStatus.Expired, (await db.ComplianceRecords.SingleAsync(r => r.Id == record.Id)).Status);
        // The graph's own worker sweeps too; whoever was first left exactly one row.
        Assert.Equal(1, await db.Audit.CountAsync(a => a.SubjectId == record.Id && a.Action == "compliance_record.changed"));
    }
}
