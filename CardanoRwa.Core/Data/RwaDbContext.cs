using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Auth;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Imports;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Recovery;
using CardanoRwa.Core.Status;
using CardanoRwa.Core.Webhooks;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Data;

/// <summary>The registry. Changes are saved through <see cref="SaveAsync"/> only, so that none goes unaudited.</summary>
public sealed class RwaDbContext(DbContextOptions<RwaDbContext> options) : DbContext(options)
{
    public DbSet<Asset> Assets => Set<Asset>();
    public DbSet<Valuation> Valuations => Set<Valuation>();
    public DbSet<ComplianceRecord> ComplianceRecords => Set<ComplianceRecord>();
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();
    public DbSet<IdempotencyRecord> IdempotencyKeys => Set<IdempotencyRecord>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<ImportRun> ImportRuns => Set<ImportRun>();
    public DbSet<ImportFailure> ImportFailures => Set<ImportFailure>();
    public DbSet<ImportFingerprint> ImportFingerprints => Set<ImportFingerprint>();
    public DbSet<Token> Tokens => Set<Token>();
    public DbSet<Operation> Operations => Set<Operation>();
    public DbSet<ChainTransaction> ChainTransactions => Set<ChainTransaction>();
    public DbSet<TransactionOperation> TransactionOperations => Set<TransactionOperation>();
    public DbSet<WalletUtxo> WalletUtxos => Set<WalletUtxo>();
    public DbSet<WalletState> Wallet => Set<WalletState>();

    public DbSet<EvidenceItem> Evidence => Set<EvidenceItem>();
    public DbSet<EvidenceContent> EvidenceContents => Set<EvidenceContent>();
    public DbSet<EvidencePin> EvidencePins => Set<EvidencePin>();
    public DbSet<Webhook> Webhooks => Set<Webhook>();
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();
    public DbSet<Job> Jobs => Set<Job>();
    public DbSet<RecoveryReportRow> RecoveryReports => Set<RecoveryReportRow>();
    public DbSet<Incident> Incidents => Set<Incident>();
    public DbSet<IncidentUpdate> IncidentUpdates => Set<IncidentUpdate>();
    public DbSet<ChainAnchor> ChainAnchors => Set<ChainAnchor>();
    public DbSet<OpsSession> OpsSessions => Set<OpsSession>();

    /// <summary>Saves what is tracked together with its audit rows.</summary>
    public async Task<Touched> SaveAsync(ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var rows = AuditTrail.Describe(ChangeTracker, stamp);
        Audit.AddRange(rows);
        await base.SaveChangesAsync(acceptAllChangesOnSuccess: true, cancellationToken);
        return Touched.By(rows.Select(r => (r.Action, r.AssetId)));
    }

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException($"Changes go through {nameof(SaveAsync)}, which writes their audit rows.");

    public override int SaveChanges(bool acceptAllChangesOnSuccess) =>
        throw new InvalidOperationException($"Changes go through {nameof(SaveAsync)}, which writes their audit rows.");

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(RwaDbContext).Assembly);
}
