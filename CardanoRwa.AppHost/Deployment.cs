/// <summary>What differs by deployment. azd asks for each parameter once and keeps secrets as secrets; nothing of this exists in run mode.</summary>
internal static class Deployment
{
    private const string External = "external";

    /// <summary>A container of the graph's own; or, with <c>Deploy__Database=external</c> (<c>Deploy__Cache</c>), a managed service by its connection string.</summary>
    public static bool IsExternal(this IDistributedApplicationBuilder builder, string what) =>
        builder.ExecutionContext.IsPublishMode && string.Equals(builder.Configuration[$"Deploy:{what}"], External, StringComparison.OrdinalIgnoreCase);

    public static void AddDeploymentSettings(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> api, IResourceBuilder<ProjectResource> worker)
    {
        api.WithEnvironment("Auth__Authority", builder.AddParameter("oidc-authority"));

        var sealingKey = builder.AddParameter("webhooks-sealing-key", secret: true);
        api.WithEnvironment("Webhooks__SealingKey", sealingKey);
        worker.WithEnvironment("Webhooks__SealingKey", sealingKey);

        var projectId = builder.AddParameter("chain-project-id", secret: true);
        worker.WithEnvironment("Chain__Network", builder.AddParameter("chain-network"))
            .WithEnvironment("Chain__Url", builder.AddParameter("chain-url"))
            .WithEnvironment("Chain__ProjectId", projectId)
            .WithEnvironment("Minting__Mnemonic", builder.AddParameter("wallet-mnemonic", secret: true))
            .WithEnvironment("Ipfs__BlockfrostProjectId", builder.AddParameter("ipfs-project-id", secret: true));

        // Public keys: whoever holds a private one opens the backups, and the deployment does not.
        worker.WithEnvironment("Recovery__Recipients__0", builder.AddParameter("backup-recipient"))
            .WithEnvironment("Recovery__Recipients__1", builder.AddParameter("backup-recipient-offline"));

        builder.AddStore("primary", worker);
        builder.AddStore("offsite", worker);
        builder.AddStore("evidence", api, worker);
        api.WithEnvironment("Evidence__Store", "evidence");
        // The Api holds this store's keys, so no backup goes there.
        worker.WithEnvironment("Evidence__Store", "evidence").WithEnvironment("Recovery__Stores__evidence__Backups", "false");
    }

    /// <summary>Azure Blob, or S3 with <c>Deploy__Stores=s3</c>.</summary>
    private static void AddStore(this IDistributedApplicationBuilder builder, string name, params IResourceBuilder<ProjectResource>[] users)
    {
        var isS3 = string.Equals(builder.Configuration["Deploy:Stores"], "s3", StringComparison.OrdinalIgnoreCase);
        (string Setting, string Parameter, bool IsSecret)[] settings = isS3
            ? [("Bucket", "bucket", false), ("Region", "region", false), ("AccessKey", "access-key", true), ("SecretKey", "secret-key", true)]
            : [("Container", "container", false), ("ConnectionString", "connection-string", true)];
        foreach (var user in users)
        {
            user.WithEnvironment($"Recovery__Stores__{name}__Kind", isS3 ? "s3" : "azure");
        }
        foreach (var (setting, parameter, isSecret) in settings)
        {
            var value = builder.AddParameter($"{name}-{parameter}", secret: isSecret);
            foreach (var user in users)
            {
                user.WithEnvironment($"Recovery__Stores__{name}__{setting}", value);
            }
        }
    }
}
