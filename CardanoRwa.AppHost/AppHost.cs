var builder = DistributedApplication.CreateBuilder(args);

var postgres = builder.AddPostgres("postgres").WithDataVolume();
var database = postgres.AddDatabase("rwadb", "cardano_rwa");
var cache = builder.AddRedis("cache");

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

    // A chain to develop against; deployed, the platform speaks to Blockfrost.
    builder.AddProject<Projects.CardanoRwa_DevNet>("devnet").WithHttpHealthCheck("/health");
}

builder.Build().Run();
