using System.CommandLine;
using CardanoRwa.LoadTest;

// Exit codes: 0 done and within the limits; 1 could not run; 2 the command line was wrong; 3 a limit was breached; 4 `ab` found B worse than A, or `contest --gate` its subject worse.
var root = new RootCommand("Sends load to the Api, measures, and compares.") { RunCommand.Create(), AbCommand.Create(), MarksCommand.Create(), ContestCommand.Create(), StartCommand.Create(), ServeCommand.Constant(), ServeCommand.Raw() };
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is InvalidDataException or IOException or HttpRequestException or System.Net.Sockets.SocketException or System.Text.Json.JsonException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
