using System.Runtime.InteropServices;
using CardanoRwa.Embedded.Cache;
using CardanoRwa.Embedded.Processes;

// Children of the host. A Ctrl+C on the terminal is for the host to act on: it tells them when to end.
using var noInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
using var noHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);

switch (args)
{
    case [Reaper.Verb]:
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true))
            return await Reaper.RunAsync(Console.In);

    case [CacheServer.Verb, .. var options]:
        return await CacheServer.RunAsync(options, Console.In);

    default:
        Console.Error.WriteLine("This assembly is part of the AppHost; run that instead: dotnet run --project CardanoRwa.AppHost");
        return 2;
}
