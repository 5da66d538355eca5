using System.Globalization;
using Aspire.Hosting;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>Where one Postgres keeps its data: made by initdb at the first start, and owned by the user it runs as.</summary>
internal sealed class PostgresDataFolder(string parent)
{
    public string Path { get; } = System.IO.Path.Combine(parent, "data");

    /// <summary>The major version that made the data, null where there are none yet.</summary>
    public int? Major
    {
        get
        {
            var file = System.IO.Path.Combine(Path, "PG_VERSION");
            return File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out var major) ? major : null;
        }
    }

    /// <summary>
    /// A template of a fresh folder would save 0.7 s of the very first start, and give all clusters one system identifier: what backups
    /// tell clusters apart by. So each gets an initdb of its own.
    /// </summary>
    public async Task CreateAsync(
        PostgresBinaries binaries, UnixUser? user, string superUser, string password, bool isTemporary, CancellationToken cancellationToken)
    {
        // Left by an initdb that was interrupted: without PG_VERSION nobody's data are in it.
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
        Directory.CreateDirectory(Path);

        var passwordFile = System.IO.Path.Combine(parent, "initial-password");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using (var writer = new StreamWriter(passwordFile, options))
                await writer.WriteLineAsync(password.AsMemory(), cancellationToken);
            if (user is not null)
            {
                Unix.ChangeOwner(Path, user);
                Unix.ChangeOwner(passwordFile, user);
            }

            string[] common = ["-D", Path, "-U", superUser, $"--pwfile={passwordFile}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"];
            if (isTemporary)
                common = [.. common, "--no-sync"];

            // ICU sorts and lowers text alike on every system, near to what the container's en_US does.
            var icu = Initdb([.. common, "--locale-provider=icu", "--icu-locale=en-US"]);
            if ((await Tool.RunAsync(icu, cancellationToken)).ExitCode != 0)
                await Tool.RequireAsync(Initdb(common), "Creating the database cluster", cancellationToken);
        }
        catch
        {
            // The caller's retry, or the next start, begins anew.
            Directory.Delete(Path, recursive: true);
            throw;
        }
        finally
        {
            File.Delete(passwordFile);
        }

        ProcessSpec Initdb(string[] arguments) => new(binaries.Program("initdb"), arguments) { User = user, WorkingDirectory = parent };
    }

    public static DistributedApplicationException OtherMajor(string path, int made, PostgresBinaries found) => new(
        $"The data in {path} were made by PostgreSQL {made}, and the one found is {found.Version} ({found.Folder}); neither reads the other's data. "
        + $"Install PostgreSQL {made} or set RWA_POSTGRES_BIN to one, or start with --reset to begin with an empty database.");
}
