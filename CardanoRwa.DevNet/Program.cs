using CardanoRwa.DevNet;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDevNet();

var app = builder.Build();
app.UseDevNetPaths();
app.MapDefaultEndpoints();
app.MapDevNet();
app.Run();
