using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.Configuration;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>A local Postgres in place of the container: same connection string, same settings, data kept between runs.</summary>
internal sealed class PostgresLauncher(
    PostgresServerResource server, DistributedApplicationExecutionContext context, IConfiguration configuration, RunFolder run, Action<string> say) : Launcher
{
    private PostgresBinaries? _binaries;
    private UnixUser? _user;

    private string Parent => Path.Combine(run.Path, server.Name);

    public override async Task CheckAsync(CancellationToken cancellationToken)
    {
        var data = new PostgresDataFolder(Parent);
        _binaries = await PostgresBinaries.FindAsync(configuration["RWA_POSTGRES_BIN"], data.Major, cancellationToken)
            ?? await PostgresDownload.GetAsync(DataFolder.Cache(configuration), say, cancellationToken);
        if (data.Major is { } made && made != _binaries.Major)
            throw PostgresDataFolder.OtherMajor(data.Path, made, _binaries);

        _user = PostgresUser.Choose();
        Directory.CreateDirectory(Parent);
        if (_user is not null)
        {
            PostgresUser.RequireReachable(Parent, _user, $"Set {DataFolder.Setting} to a folder that it can enter, such as /var/lib/cardano-rwa.");
            PostgresUser.RequireReachable(_binaries.Folder, _user, "Set RWA_POSTGRES_BIN to an installation that it can enter.");
        }
    }

    public override async Task<ProcessSpec> PrepareAsync(Replica replica, CancellationToken cancellationToken)
    {
        var data = new PostgresDataFolder(Parent);
        if (data.Major is null)
        {
            say($"Creating a database cluster with PostgreSQL {_binaries!.Version} in {data.Path}");
            var superUser = await server.UserNameReference.GetValueAsync(cancellationToken);
            var password = await server.PasswordParameter.GetValueAsync(cancellationToken);
            await data.CreateAsync(_binaries, _user, superUser!, password!, run.IsTemporary, cancellationToken);
        }

        await PostgresLeftovers.EndAsync(data.Path, cancellationToken);

        var port = replica.Ports[PostgresServerResource.PrimaryEndpointName].ToString(CultureInfo.InvariantCulture);
        var spec = new ProcessSpec(_binaries!.Program("postgres"), ["-D", data.Path])
        {
            WorkingDirectory = Parent,
            User = _user,
            StopSignal = Unix.SigInt,
            UrgentSignal = Unix.SigQuit,
            StopTimeout = TimeSpan.FromSeconds(2),
        };

        List<(string Name, string Value)> settings =
        [
            ("listen_addresses", "localhost"), ("port", port), ("unix_socket_directories", ""), ("log_line_prefix", "[%p] "),
            .. run.IsTemporary ? [("fsync", "off")] : Array.Empty<(string, string)>(),
            .. await PostgresSettings.KnownAsync(await PostgresSettings.FromArgumentsAsync(server, context, cancellationToken), _binaries, spec, say, cancellationToken),
        ];
        return spec with { Arguments = [.. spec.Arguments, .. settings.SelectMany(s => new[] { "-c", $"{s.Name}={s.Value}" })] };
    }

    public override bool IsPassing(IReadOnlyList<LogLine> lastLines) => lastLines.Any(l =>
        l.Content.Contains("pre-existing shared memory block", StringComparison.Ordinal)
        || l.Content.Contains("lock file \"postmaster.pid\" already exists", StringComparison.Ordinal));
}
