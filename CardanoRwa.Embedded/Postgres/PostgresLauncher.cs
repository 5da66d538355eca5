using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.Configuration;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>A local Postgres in place of the container: same connection string, same settings, data kept between runs. One of two, where the graph has a standby.</summary>
internal sealed class PostgresLauncher(
    ContainerResource resource, PostgresServerResource server, DistributedApplicationExecutionContext context, IConfiguration configuration, RunFolder run, Action<string> say) : Launcher
{
    private PostgresBinaries? _binaries;
    private UnixUser? _user;

    private readonly PostgresPair? _pair = PostgresPair.Of(server, resource, run, configuration, say);

    private string Parent => Path.Combine(run.Path, resource.Name);

    public override async Task CheckAsync(CancellationToken cancellationToken)
    {
        var data = new PostgresDataFolder(Parent);
        _binaries = await PostgresBinaries.FindAsync(configuration["RWA_POSTGRES_BIN"], data.Major ?? _pair?.Other.Data.Major, cancellationToken)
            ?? await PostgresDownload.GetAsync(DataFolder.Cache(configuration), say, cancellationToken);
        if (data.Major is { } made && made != _binaries.Major)
            throw PostgresDataFolder.OtherMajor(data.Path, made, _binaries);

        if (_pair is null)
            RequireOwnData(data);

        _user = PostgresUser.Choose();
        Directory.CreateDirectory(Parent);
        if (_user is not null)
        {
            PostgresUser.RequireReachable(Parent, _user, $"Set {DataFolder.Setting} to a folder that it can enter, such as /var/lib/cardano-rwa.");
            PostgresUser.RequireReachable(_binaries.Folder, _user, "Set RWA_POSTGRES_BIN to an installation that it can enter.");
        }
    }

    public override Task<ProcessSpec> PrepareAsync(Replica replica, CancellationToken cancellationToken) => PrepareAsync(replica, isRestart: false, cancellationToken);

    public override Task<ProcessSpec> PrepareAgainAsync(Replica replica, CancellationToken cancellationToken) => PrepareAsync(replica, isRestart: true, cancellationToken);

    private async Task<ProcessSpec> PrepareAsync(Replica replica, bool isRestart, CancellationToken cancellationToken)
    {
        var data = new PostgresDataFolder(Parent);
        await PostgresLeftovers.EndAsync(data.Path, cancellationToken);
        if (_pair is null ? data.Major is null : await _pair.MakeReadyAsync(isRestart, _binaries!, _user, cancellationToken))
        {
            say($"Creating a database cluster with PostgreSQL {_binaries!.Version} in {data.Path}");
            var superUser = await server.UserNameReference.GetValueAsync(cancellationToken);
            var password = await server.PasswordParameter.GetValueAsync(cancellationToken);
            await data.CreateAsync(_binaries, _user, superUser!, password!, run.IsTemporary, cancellationToken);
        }

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
            // Without a standby in the graph, commits must not wait for one of an earlier run.
            .. _pair is null ? [("synchronous_standby_names", "")] : await _pair.SettingsAsync(_user, cancellationToken),
            .. await PostgresSettings.KnownAsync(await PostgresSettings.FromArgumentsAsync(server, context, cancellationToken), _binaries, spec, say, cancellationToken),
        ];
        return spec with { Arguments = [.. spec.Arguments, .. settings.SelectMany(s => new[] { "-c", $"{s.Name}={s.Value}" })] };
    }

    private void RequireOwnData(PostgresDataFolder data)
    {
        var (own, other) = (new PairMember(server, run.Path, () => 0), new PairMember(new PostgresStandbyResource($"{server.Name}-standby", server), run.Path, () => 0));
        if (other.Data.Major is not null && PairRules.Decide(own.Read(), other.Read(), isRestart: false, isFirst: true) is not PairStart.Primary)
            throw new DistributedApplicationException($"After a failover the database is {other.Data.Path}, and {data.Path} is not. Start with --standby, which runs both and makes the one follow the other.");
    }

    public override bool IsAfresh => _pair is { WasRebuilt: true };

    public override bool IsPassing(IReadOnlyList<LogLine> lastLines) => lastLines.Any(l =>
        l.Content.Contains("pre-existing shared memory block", StringComparison.Ordinal)
        || l.Content.Contains("lock file \"postmaster.pid\" already exists", StringComparison.Ordinal));
}
