var builder = DistributedApplication.CreateBuilder(args);

IResourceBuilder<IResourceWithConnectionString> database, cache;
if (builder.IsExternal("Database"))
{
    database = builder.AddConnectionString("rwadb");
}
else
{
    // The analysis of queries counts statements; a developer also sees the plan of a slow one.
    string[] explain = builder.ExecutionContext.IsRunMode ? ["-c", "session_preload_libraries=auto_explain", "-c", "auto_explain.log_min_duration=250"] : [];
    // What backups need of it: WAL that a slot may keep, up to a bound, and summaries of changed blocks (from 17). Connections: forty for each process, one each
    // for what has its own (receiver, schedules, drills), and a person beside them.
    database = builder.AddPostgres("postgres")
        .WithDataVolume()
        .WithArgs("-c", "wal_level=replica", "-c", "max_slot_wal_keep_size=8GB", "-c", "wal_compression=on", "-c", "summarize_wal=on")
        .WithArgs(["-c", "max_connections=200", "-c", "shared_preload_libraries=pg_stat_statements", .. explain])
        .AddDatabase("rwadb", "cardano_rwa");
}
cache = builder.IsExternal("Cache") ? builder.AddConnectionString("cache") : builder.AddRedis("cache");

var api = builder.AddProject<Projects.CardanoRwa_Api>("api")
    .WithReference(database)
    .WithReference(cache)
    .WaitFor(database)
    .WaitFor(cache)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints();

var worker = builder.AddProject<Projects.CardanoRwa_Worker>("worker")
    .WithReference(database)
    .WithReference(cache)
    .WaitFor(database)
    .WaitFor(cache)
    .WithHttpHealthCheck("/health");

if (builder.ExecutionContext.IsRunMode)
{
    // One writer of the schema at a time: replicas wait for this step to end. Deployed, the worker does it at start under a lock.
    var migrations = builder.AddProject<Projects.CardanoRwa_Worker>("migrations", launchProfileName: null)
        .WithArgs("migrate")
        .WithReference(database)
        .WaitFor(database);
    api.WaitForCompletion(migrations);
    worker.WaitForCompletion(migrations);

    // A chain to develop against, and a phrase that everyone knows: its keys are worth nothing. Deployed, the platform speaks to Blockfrost.
    var devnet = builder.AddProject<Projects.CardanoRwa_DevNet>("devnet").WithHttpHealthCheck("/health");
    worker.WithEnvironment("Chain__Url", ReferenceExpression.Create($"{devnet.GetEndpoint("http")}/api/v0"))
        .WithEnvironment("Chain__Faucet", ReferenceExpression.Create($"{devnet.GetEndpoint("http")}/devnet/faucet"))
        .WithEnvironment("Minting__Mnemonic", Enumerable.Repeat("abandon", 23).Append("art").Aggregate((phrase, word) => $"{phrase} {word}"))
        .WithEnvironment("Ipfs__KuboUrl", ReferenceExpression.Create($"{devnet.GetEndpoint("http")}/api/v0"))
        .WaitFor(devnet);

    builder.AddMonitoring(api, worker);
}
else
{
    builder.AddDeploymentSettings(api, worker);
}

builder.Build().Run();
