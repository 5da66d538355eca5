using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>Two servers of which one follows the other; as one of them sees it.</summary>
internal sealed class PostgresPair(PostgresServerResource server, PairMember own, PairMember other, bool isFirst, IConfiguration configuration, Action<string> say)
{
    public const string Role = "rwa_standby";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private string? _said;

    public PairMember Own => own;

    public PairMember Other => other;

    /// <summary>The last time that it was made ready, it was made anew.</summary>
    public bool WasRebuilt { get; private set; }

    private string PasswordFile => Path.Combine(own.Parent, "standby-password");

    /// <summary>Null where the graph has no standby.</summary>
    public static PostgresPair? Of(PostgresServerResource server, IResource which, RunFolder run, IConfiguration configuration, Action<string> say)
    {
        if (server.Standby is not { } standby)
            return null;
        var first = new PairMember(server, run.Path, () => server.PrimaryEndpoint.Port);
        var second = new PairMember(standby, run.Path, () => standby.Endpoint.Port);
        return which == server ? new PostgresPair(server, first, second, isFirst: true, configuration, say) : new PostgresPair(server, second, first, isFirst: false, configuration, say);
    }

    /// <summary>Returns once this member may start, as whatever its files say then.</summary>
    /// <returns>True where a new cluster is to be made first.</returns>
    public async Task<bool> MakeReadyAsync(bool isRestart, PostgresBinaries binaries, UnixUser? user, CancellationToken cancellationToken)
    {
        WasRebuilt = false;
        while (true)
        {
            var what = PairRules.Decide(own.Read(), other.Read(), isRestart, isFirst);
            switch (what)
            {
                case PairStart.Begin:
                    return true;
                case PairStart.Primary or PairStart.Standby:
                    return false;
                case PairStart.Rebuild when await TryRebuildAsync(binaries, user, cancellationToken):
                    WasRebuilt = true;
                    return false;
                case PairStart.Hold when own.Data.Major is not null:
                    Say($"The primary has ended. It does not start again by itself while there is a standby: two could take writes. "
                        + $"Promote the standby (CardanoRwa.Worker failover promote), or restart '{own.Name}' in the dashboard.");
                    break;
                case PairStart.Refuse:
                    throw new DistributedApplicationException(
                        $"{own.Data.Path} and {other.Data.Path} were both primaries of the same timeline. Decide which one is right, and move the other one's folder away: it is made anew.");
                default:
                    break;
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>What both start with: a primary does not look at where it would follow, and is one only until it is not.</summary>
    public async Task<List<(string Name, string Value)>> SettingsAsync(UnixUser? user, CancellationToken cancellationToken)
    {
        await WritePasswordAsync(user, cancellationToken);
        var port = other.Port.ToString(CultureInfo.InvariantCulture);
        return
        [
            ("primary_conninfo", $"host=localhost port={port} user={Role} application_name={Role} sslmode=disable connect_timeout=3 passfile={PasswordFile}"),
            ("primary_slot_name", Role), ("hot_standby", "on"), ("wal_log_hints", "on"),
            // The default waits five seconds between two looks for its primary.
            ("wal_retrieve_retry_interval", "200ms"), ("wal_receiver_status_interval", "1s"),
            // A copy is brought to disk in one call at its first start, not file by file.
            .. OperatingSystem.IsLinux() ? [("recovery_init_sync_method", "syncfs")] : Array.Empty<(string, string)>(),
        ];
    }

    public static async Task<NpgsqlConnection> OpenAsync(PostgresServerResource server, PairMember member, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = "localhost",
            Port = member.Port,
            Username = await server.UserNameReference.GetValueAsync(cancellationToken),
            Password = await server.PasswordParameter.GetValueAsync(cancellationToken),
            Database = "postgres",
            Pooling = false,
            Timeout = 3,
            SslMode = SslMode.Disable,
            // What only the pair itself needs must not wait for a standby that is not there yet.
            Options = "-c synchronous_commit=local",
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> TryRebuildAsync(PostgresBinaries binaries, UnixUser? user, CancellationToken cancellationToken)
    {
        try
        {
            await using var primary = await OpenAsync(server, other, cancellationToken);
            if ((bool)(await new NpgsqlCommand("SELECT pg_is_in_recovery()", primary).ExecuteScalarAsync(cancellationToken))!)
            {
                Say($"{own.Name} waits for {other.Name} to be the primary.");
                return false;
            }

            var copy = new StandbyCopy(primary, own, other, Role, Password(), binaries, user);
            say(await copy.RunAsync(configuration.GetValue("Standby:Rewind", true), (await server.PasswordParameter.GetValueAsync(cancellationToken))!, cancellationToken));
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or IOException && !cancellationToken.IsCancellationRequested)
        {
            Say($"{own.Name} waits for {other.Name}, to copy it: {e.Message}");
            return false;
        }
    }

    private string Password() => SecretStore.For(configuration).GetOrAdd($"{server.Name}-standby-password", () => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(24)));

    // Not in primary_conninfo: a list of processes shows that to everybody.
    private async Task WritePasswordAsync(UnixUser? user, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var writer = new StreamWriter(PasswordFile, options))
            await writer.WriteLineAsync($"*:*:*:{Role}:{Password()}".AsMemory(), cancellationToken);
        if (user is not null)
            Unix.ChangeOwner(PasswordFile, user);
    }

    // A reason is told once, however often it is met.
    private void Say(string line)
    {
        if (_said != line)
            say(_said = line);
    }
}
