using System.Runtime.InteropServices;
using Garnet;

namespace CardanoRwa.Embedded.Cache;

/// <summary>
/// Garnet in place of Redis. In a process of its own, so that it can be killed alone and its memory is not the host's.
/// </summary>
internal static class CacheServer
{
    public const string Verb = "cache";

    public static async Task<int> RunAsync(string[] options, TextReader input)
    {
        // Read from the pipe: arguments and environment of a process are there for others to see.
        var password = await input.ReadLineAsync();
        string[] access = string.IsNullOrEmpty(password) ? [] : ["--auth", "Password", "--password", password];

        var stopped = new TaskCompletionSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stopped.TrySetResult();
        });

        using var server = new GarnetServer([.. options, .. access]);
        server.Start();
        Console.WriteLine("Ready to accept connections");
        await stopped.Task;
        return 0;
    }
}
