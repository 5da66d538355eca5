using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CardanoRwa.Tests.Cardano;

namespace CardanoRwa.Tests;

/// <summary>
/// A script for node that answers one line of JSON with another. Its packages are installed once from the lock file, in a
/// folder under artifacts/; without node and npm these tests fail, and say so.
/// </summary>
internal sealed class NodeOracle
{
    private readonly Lazy<Task<string>> folder;

    /// <param name="feature">The folder of tests in which <c>oracle/</c> lies.</param>
    internal NodeOracle(string feature, string name) => folder = new(() => InstallAsync(Path.Combine(feature, "oracle"), name));

    internal async Task<IReadOnlyList<JsonNode>> AskAsync(IEnumerable<object> questions)
    {
        var lines = questions.Select(static q => JsonSerializer.Serialize(q)).ToList();
        using var node = Start("node", ["oracle.mjs"], await folder.Value);
        var writing = Task.Run(async () =>
        {
            foreach (var line in lines) await node.StandardInput.WriteLineAsync(line);
            node.StandardInput.Close();
        });
        var errors = node.StandardError.ReadToEndAsync();
        var answers = new List<JsonNode>(lines.Count);
        while (await node.StandardOutput.ReadLineAsync() is { } line) answers.Add(JsonNode.Parse(line)!);
        await writing;
        Assert.True(answers.Count == lines.Count, await errors);
        return answers;
    }

    /// <summary>Installs the packages of a folder of the tests once, under artifacts/, and returns where.</summary>
    internal static async Task<string> InstallAsync(string tests, string name)
    {
        var source = Path.Combine(TestFiles.RepositoryRoot(), "CardanoRwa.Tests", tests);
        var folder = Path.Combine(TestFiles.RepositoryRoot(), "artifacts", name);
        Directory.CreateDirectory(folder);
        var locked = await File.ReadAllTextAsync(Path.Combine(source, "package-lock.json"));
        var stamp = Path.Combine(folder, "installed-lock.json");
        var installed = File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == locked;
        foreach (var file in Directory.GetFiles(source)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        if (installed) return folder;

        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        using var install = Start(npm, ["ci", "--no-audit", "--no-fund"], folder);
        var output = install.StandardOutput.ReadToEndAsync();
        var errors = install.StandardError.ReadToEndAsync();
        await install.WaitForExitAsync();
        Assert.True(install.ExitCode == 0, $"npm ci failed in {folder}:\n{await output}\n{await errors}");
        await File.WriteAllTextAsync(stamp, locked);
        return folder;
    }

    internal static Process Start(string program, string[] arguments, string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"'{program}' did not start; the oracle tests need Node.js 20 or later with npm (apt-get install nodejs npm).", e);
        }
    }
}
