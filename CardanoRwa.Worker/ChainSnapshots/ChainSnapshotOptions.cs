namespace CardanoRwa.Worker.ChainSnapshots;

/// <summary>Section <c>Recovery:ChainSnapshots</c>.</summary>
internal sealed class ChainSnapshotOptions
{
    public const string Section = "Recovery:ChainSnapshots";

    /// <summary>Puts each snapshot's root on the chain as a transaction's metadata; costs a fee a day.</summary>
    public bool Anchor { get; set; }
}
