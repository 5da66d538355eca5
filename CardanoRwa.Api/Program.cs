using CardanoRwa.Api.Assets;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Compliance;
using CardanoRwa.Api.Docs;
using CardanoRwa.Api.Drills;
using CardanoRwa.Api.Evidence;
using CardanoRwa.Api.Imports;
using CardanoRwa.Api.Minting;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Webhooks;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Webhooks;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddNpgsqlDbContext<RwaDbContext>("rwadb", configureDbContextOptions: DataOptions.Configure);
builder.AddRedisDistributedCache("cache");
builder.AddRegistry().AddRegistryCache().AddEvidence().AddMintDesks().AddWebhooks().AddJobs();
builder.AddProblems().AddAccessControl().AddRateLimits().AddWrites().AddDocs();
builder.Services.AddHostedService<ChangeFeed>();
builder.AddOperationWatch();

var app = builder.Build();
app.UseProblems();
app.UseAccessControl();
app.UseSchemaGate();
app.UseWrites();
app.MapDefaultEndpoints();
app.MapDocs();
app.MapGroup("/api/v1").WithCommonProblems()
    .MapAssets().MapValuations().MapCompliance().MapImports().MapEvidence().MapTokens().MapOperations().MapProofs().MapWebhooks().MapDrills();
app.Run();
