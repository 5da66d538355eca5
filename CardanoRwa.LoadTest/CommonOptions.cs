using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;

namespace CardanoRwa.LoadTest;

internal static class CommonOptions
{
    // Credentials stand in the environment: a command line can be read by every user of the machine.
    public static string? ApiKey => Environment.GetEnvironmentVariable("RWA_API_KEY");
    public static string? Token => Environment.GetEnvironmentVariable("RWA_TOKEN");

    public static Option<Uri?> Address(string name, string about) => new(name) { Description = about, DefaultValueFactory = _ => new Uri("http://localhost:5000"), CustomParser = Parse };

    public static Uri? Parse(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens.Single().Value, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp)
        {
            return address;
        }
        result.AddError($"'{result.Tokens.Single().Value}' is no address such as http://localhost:5000.");
        return null;
    }

    public static Target Of(Uri address) => new(address, ApiKey, Token);

    /// <summary>What git calls this state; null outside of a repository.</summary>
    public static async Task<string?> CommitAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["describe", "--always", "--dirty"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = await git.StandardOutput.ReadToEndAsync(cancellationToken);
            await git.WaitForExitAsync(cancellationToken);
            return git.ExitCode == 0 ? said.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // there is no git
        }
    }
}
