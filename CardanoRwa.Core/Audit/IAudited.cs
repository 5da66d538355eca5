namespace CardanoRwa.Core.Audit;

/// <summary>An entity whose every change leaves an audit row in the same transaction.</summary>
public interface IAudited
{
    Guid Id { get; }
    Guid? AssetId { get; }
    string AuditName { get; }
}
