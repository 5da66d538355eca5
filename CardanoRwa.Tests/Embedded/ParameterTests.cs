using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using CardanoRwa.Embedded;

namespace CardanoRwa.Tests.Embedded;

[SupportedOSPlatform("linux")]
public sealed class ParameterTests
{
    [Fact]
    public async Task Missing_parameters_are_named_all_at_once_with_how_to_set_them()
    {
        var fault = await Assert.ThrowsAsync<DistributedApplicationException>(() => Graph.StartAsync(b =>
        {
            b.AddParameter("api-key", secret: true);
            b.AddParameter("region");
        }));

        Assert.Contains("Parameters__api_key=", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--Parameters:region=", fault.Message, StringComparison.Ordinal);
        Assert.Contains("dotnet user-secrets set Parameters:region", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Parameters:api-key=given")]
    [InlineData("--Parameters:api_key=given")]
    public async Task Parameter_comes_from_configuration(string argument)
    {
        await using var app = await Graph.StartAsync(
            b => b.AddShell("show", "echo \"$KEY $URL\"").WithEnvironment("KEY", b.AddParameter("api-key", secret: true))
                .WithEnvironment("URL", $"x-{b.AddParameter("host", "example", secret: false)}-y"),
            argument);

        await app.ReachesAsync("show", KnownResourceStates.Finished);

        Assert.Equal(["given x-example-y"], app.Lines("show"));
    }

    [Fact]
    public async Task Generated_password_outlives_the_run_in_a_file_only_its_owner_reads()
    {
        var folder = Directory.CreateTempSubdirectory("kept-").FullName;
        async Task<(string Connection, string Folder)> RunAsync()
        {
            await using var app = await Graph.StartAsync(b => b.AddRedis("cache"), $"--Embedded:DataFolder={folder}");
            await app.HealthyAsync("cache");
            return ((await app.GetConnectionStringAsync("cache"))!.Split(',', 2)[1], app.GetDataFolder());
        }

        var first = await RunAsync();
        var second = await RunAsync();

        Assert.Equal(first, second);
        Assert.Equal(folder, first.Folder);
        Assert.Matches("^password=[a-zA-Z0-9]{22}$", first.Connection);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "secrets.json")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Generated_value_has_what_was_asked_of_it()
    {
        var value = new GenerateParameterDefault { MinLength = 30, Special = false, MinNumeric = 5, MinUpper = 5 }.GetDefaultValue();

        Assert.Equal(30, value.Length);
        Assert.True(value.Count(char.IsAsciiDigit) >= 5);
        Assert.True(value.Count(char.IsAsciiLetterUpper) >= 5);
        Assert.DoesNotContain(value, c => !char.IsAsciiLetterOrDigit(c));
    }
}
