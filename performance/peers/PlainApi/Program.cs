using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PlainApi;

// A minimal API over EF Core as the template and the scaffolding of endpoints make it: no authentication, no limits, no audit, no cache, no keys used once.
var builder = WebApplication.CreateBuilder(args);
// The template's level would write every command's SQL to the console, which nobody would leave on.
builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
builder.Services.AddDbContext<RegistryContext>(options => options.UseNpgsql(builder.Configuration.GetConnectionString("rwadb")).UseSnakeCaseNamingConvention());

var app = builder.Build();
var group = app.MapGroup("/api/assets");

group.MapGet("/", async (RegistryContext db, int limit = 20, int offset = 0) =>
    await db.Assets.OrderByDescending(a => a.CreatedAt).ThenByDescending(a => a.Id).Skip(offset).Take(limit).ToListAsync());

group.MapGet("/by-value", async (RegistryContext db, decimal minValue, int limit = 20) =>
    await db.Assets.Where(a => a.Value >= minValue).OrderByDescending(a => a.Value).ThenByDescending(a => a.Id).Take(limit).ToListAsync());

group.MapGet("/{id:guid}", async Task<Results<Ok<Asset>, NotFound>> (Guid id, RegistryContext db) =>
    await db.Assets.AsNoTracking().FirstOrDefaultAsync(a => a.Id == id) is { } asset ? TypedResults.Ok(asset) : TypedResults.NotFound());

group.MapPost("/", async (Asset asset, RegistryContext db) =>
{
    db.Assets.Add(asset);
    await db.SaveChangesAsync();
    return TypedResults.Created($"/api/assets/{asset.Id}", asset);
});

app.Run();
