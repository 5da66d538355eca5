using CardanoRwa.Core;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Configurations;
using CardanoRwa.Core.Data;
using CardanoRwa.Worker.ChainSnapshots;
using CardanoRwa.Worker.Compliance;
using CardanoRwa.Worker.Data;
using CardanoRwa.Worker.Drills;
using CardanoRwa.Worker.Evidence;
using CardanoRwa.Worker.Jobs;
using CardanoRwa.Worker.Minting;
using CardanoRwa.Worker.Recovery;
using CardanoRwa.Worker.Status;
using CardanoRwa.Worker.Verbs;
using CardanoRwa.Worker.Webhooks;
using CardanoRwa.Worker.Writes;

if (WorkerCommands.Means(args))
{
    return await WorkerCommands.RunAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddNpgsqlDbContext<RwaDbContext>("rwadb", configureDbContextOptions: DataOptions.Configure);
builder.AddRedisDistributedCache("cache");
builder.AddRegistry().AddRegistryCache();
builder.AddMigrationsAtStart().AddComplianceExpiry().AddKeyRetention().AddEvidenceJobs().AddMintProcessor().AddWebhookJobs().AddArchiving().AddConfigurationRecord("worker").AddDrills().AddChainSnapshotSchedule().AddJobRunner().AddWorkerBeat();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
return Environment.ExitCode;
