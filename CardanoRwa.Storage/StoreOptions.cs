namespace CardanoRwa.Storage;

/// <summary>One store: section <c>Recovery:Stores:NAME</c>. What is marked secret appears in no message.</summary>
public sealed class StoreOptions
{
    public const string Folder = "folder";
    public const string S3 = "s3";
    public const string Azure = "azure";

    /// <summary>folder, s3 or azure.</summary>
    public string? Kind { get; set; }

    /// <summary>Whether backups go here. False for a store of evidence alone: the Api holds its credentials, and whoever steals those shall reach no backup.</summary>
    public bool Backups { get; set; } = true;

    /// <summary>folder: an absolute path.</summary>
    public string? Path { get; set; }

    /// <summary>s3: the server's URL, where it is not Amazon's own. azure: the account's blob URL, unless the connection string names it.</summary>
    public string? Endpoint { get; set; }

    /// <summary>s3: the bucket.</summary>
    public string? Bucket { get; set; }

    /// <summary>s3: the region requests are signed for.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>azure: the container.</summary>
    public string? Container { get; set; }

    /// <summary>Put before every key, so that several installations can share a bucket or a container.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>s3: without one, the credentials of the machine's role, profile or environment.</summary>
    public string? AccessKey { get; set; }

    /// <summary>s3; secret.</summary>
    public string? SecretKey { get; set; }

    /// <summary>s3, with temporary credentials; secret.</summary>
    public string? SessionToken { get; set; }

    /// <summary>azure; secret.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>azure: a shared access signature for the container; secret. Without it and a connection string, the managed identity.</summary>
    public string? SasToken { get; set; }

    /// <summary>azure: which managed identity, where there are several.</summary>
    public string? ClientId { get; set; }

    /// <summary>Makes the folder, bucket or container if it is missing. Off, so that an unmounted disk is not taken for an empty store.</summary>
    public bool Create { get; set; }

    /// <summary>s3: whether the server knows If-None-Match on writes. Without it two writers of one key can both believe they were first.</summary>
    public bool ConditionalCreate { get; set; } = true;

    /// <summary>s3: send and check the newer checksums always, which servers other than Amazon's may not know, not only where required.</summary>
    public bool Checksums { get; set; }

    /// <summary>s3: sign uploads chunk by chunk; servers other than Amazon's may not know it.</summary>
    public bool ChunkEncoding { get; set; }

    /// <summary>s3, azure: MiB of a part of a large object. An object above 1,000 parts gets larger ones.</summary>
    public int PartMebibytes { get; set; } = 8;

    /// <summary>s3, azure: parts of one object under way at once; each holds its bytes in memory.</summary>
    public int ParallelParts { get; set; } = 3;

    /// <summary>How long one attempt at one request may take.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request may take with all its attempts.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a request is repeated after a fault that may pass.</summary>
    public int Retries { get; set; } = 6;

    internal IEnumerable<string> Secrets => new[] { SecretKey, SessionToken, ConnectionString, SasToken }.OfType<string>().Where(s => s.Length > 0);
}

/// <summary>All stores by name.</summary>
public sealed class StoresOptions
{
    public const string Section = "Recovery:Stores";

    public IDictionary<string, StoreOptions> Stores { get; } = new Dictionary<string, StoreOptions>(StringComparer.Ordinal);
}
