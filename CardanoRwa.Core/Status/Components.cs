namespace CardanoRwa.Core.Status;

/// <summary>The parts of the platform as the public knows them.</summary>
public static class Components
{
    public const string Api = "api";
    public const string Database = "database";
    public const string Cache = "cache";
    public const string Worker = "worker";
    public const string Chain = "chain";
    public const string Ipfs = "ipfs";
    public const string Stores = "stores";

    public static readonly IReadOnlyList<string> All = [Api, Database, Cache, Worker, Chain, Ipfs, Stores];

    public static string Title(string component) => component switch
    {
        Api => "Api",
        Database => "Database",
        Cache => "Cache",
        Worker => "Worker",
        Chain => "Cardano",
        Ipfs => "IPFS",
        Stores => "Backup stores",
        _ => component,
    };
}

public enum ComponentState
{
    Operational,

    /// <summary>Not part of this deployment.</summary>
    NotUsed,

    /// <summary>Nobody who could know has said.</summary>
    Unknown,

    Degraded,
    Outage,
}
