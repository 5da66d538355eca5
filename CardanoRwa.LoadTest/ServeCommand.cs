using System.CommandLine;

namespace CardanoRwa.LoadTest;

internal static class ServeCommand
{
    public static Command Create()
    {
        var address = new Argument<Uri?>("address") { CustomParser = CommonOptions.Parse, Description = "Where to listen, such as http://127.0.0.1:5999." };
        var command = new Command("serve-constant", "Answers everything with the same 2.5 KB: the bare server that ratios stand on.") { address };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await ConstantServer.ServeAsync(parsed.GetValue(address)!, cancellationToken);
            return 0;
        });
        return command;
    }
}
