namespace CardanoRwa.Embedded.Processes;

/// <summary>How to start a process, and how to ask it to stop.</summary>
internal sealed record ProcessSpec(string FileName, IReadOnlyList<string> Arguments)
{
    public string WorkingDirectory { get; init; } = Directory.GetCurrentDirectory();

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What a polite stop sends on Unix; Windows knows no such thing, there the process is ended.</summary>
    public int StopSignal { get; init; } = Unix.SigTerm;

    /// <summary>What follows when it was not heeded.</summary>
    public int UrgentSignal { get; init; } = Unix.SigKill;

    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary>The user to run as, where the host runs as root and the program refuses to.</summary>
    public UnixUser? User { get; init; }

    /// <summary>Written to the standard input, which is then closed: the one way in for a secret that neither a list of processes nor an environment shows.</summary>
    public string? Input { get; init; }
}
