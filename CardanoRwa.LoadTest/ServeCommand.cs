using System.CommandLine;

namespace CardanoRwa.LoadTest;

internal static class ServeCommand
{
    public static Command Constant() => Create("serve-constant", "Answers everything with the same 2.5 KB: the bare server that ratios stand on.", ConstantServer.ServeAsync);

    public static Command Raw() => Create("serve-raw", $"Reads and inserts assets with nothing but Npgsql; the database stands in {RawServer.DatabaseVariable}.", RawServer.ServeAsync);

    private static Command Create(string name, string about, Func<Uri, CancellationToken, Task> serve)
    {
        var address = new Argument<Uri?>("address") { CustomParser = CommonOptions.Parse, Description = "Where to listen, such as http://127.0.0.1:5999." };
        var command = new Command(name, about) { address };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await serve(parsed.GetValue(address)!, cancellationToken);
            return 0;
        });
        return command;
    }
}
