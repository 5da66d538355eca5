using Aspire.Hosting;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>Postgres refuses to run as root, so a host that is root (a container, a CI runner) runs it as somebody else.</summary>
internal static class PostgresUser
{
    public static UnixUser? Choose()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return null;

        var user = UnixUser.Find("postgres", "nobody");
        return user is not null && user.UserId != 0 && ExecutableSearch.OnPath("setpriv") is not null
            ? user
            : throw new DistributedApplicationException(
                "PostgreSQL does not run as root, and this machine has no "
                + (user is null ? "user 'postgres' or 'nobody'" : "program 'setpriv' (package util-linux)")
                + " to run it as somebody else. Start the AppHost as an ordinary user.");
    }

    public static void RequireReachable(string folder, UnixUser user, string remedy)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (!OperatingSystem.IsWindows() && !at.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                throw new DistributedApplicationException($"PostgreSQL runs as user '{user.Name}' here, which cannot enter {at.FullName} on the way to {folder}. {remedy}");
        }
    }
}
