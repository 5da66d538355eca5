namespace CardanoRwa.DevNet;

// A class with a name of its own: the tests also see the Program of other services.
internal static class DevNetProgram
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["measure", .. var settings]) return await Measure.LoadRun.RunAsync(settings);

        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        builder.AddDevNet();

        var app = builder.Build();
        app.UseDevNetPaths();
        app.MapDefaultEndpoints();
        app.MapDevNet();
        await app.RunAsync();
        return 0;
    }
}
