using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>The settings of a graph's Postgres: <c>WithArgs("-c", "wal_level=replica")</c>, as the container would take them.</summary>
internal static class PostgresSettings
{
    public static async Task<List<(string Name, string Value)>> FromArgumentsAsync(
        PostgresServerResource server, DistributedApplicationExecutionContext context, CancellationToken cancellationToken)
    {
        var result = await ExecutionConfigurationBuilder.Create(server).WithArgumentsConfig().BuildAsync(context, cancellationToken: cancellationToken);
        return Parse([.. result.Arguments.Select(a => a.Value)]);
    }

    public static List<(string Name, string Value)> Parse(IReadOnlyList<string> arguments)
    {
        var settings = new List<(string, string)>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "postgres" && i == 0)
                continue;

            var text = argument switch
            {
                "-c" when i + 1 < arguments.Count => arguments[++i],
                ['-', 'c', ..] => argument[2..],
                ['-', '-', ..] => argument[2..],
                _ => "",
            };
            if (text.Split('=', 2) is not [var name, var value])
                throw new DistributedApplicationException($"The embedded host understands settings only (\"-c\", \"name=value\") as arguments of Postgres, not '{argument}'.");
            settings.Add((name.Replace('-', '_'), value));
        }

        return settings;
    }

    /// <summary>Leaves out what this version of Postgres does not know, such as summarize_wal before 17: it would refuse to start.</summary>
    public static async Task<List<(string Name, string Value)>> KnownAsync(
        IEnumerable<(string Name, string Value)> settings, PostgresBinaries binaries, ProcessSpec asUser, Action<string> say, CancellationToken cancellationToken)
    {
        var known = new List<(string, string)>();
        foreach (var (name, value) in settings)
        {
            if (name.Contains('.', StringComparison.Ordinal))
            {
                known.Add((name, value)); // of a library: the server takes it as it is
                continue;
            }
            var (code, output) = await Tool.RunAsync(asUser with { Arguments = [.. asUser.Arguments, "-C", name] }, cancellationToken);
            if (code != 0 && output.Contains("unrecognized configuration parameter", StringComparison.Ordinal))
                say($"PostgreSQL {binaries.Version} has no setting '{name}'; left out.");
            else
                known.Add((name, value));
        }

        return known;
    }
}
