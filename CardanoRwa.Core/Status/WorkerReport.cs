namespace CardanoRwa.Core.Status;

/// <summary>What a worker says of itself every few seconds; kept as one of the <see cref="Recovery.RecoveryReports"/>.</summary>
/// <param name="Mints">It has a wallet and a chain.</param>
/// <param name="Archives">It makes backups by itself.</param>
/// <param name="Pins">It has a service to pin to.</param>
public sealed record WorkerReport(string Worker, bool Mints, bool Archives, bool Pins)
{
    public const string Name = "worker";
}
