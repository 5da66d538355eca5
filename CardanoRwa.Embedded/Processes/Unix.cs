using System.Runtime.InteropServices;

namespace CardanoRwa.Embedded.Processes;

/// <summary>The two system calls .NET has no API for.</summary>
internal static partial class Unix
{
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    /// <summary>Signals a whole process group where the child leads one, else the process alone.</summary>
    public static void Signal(int pid, int signal)
    {
        if (Kill(-pid, signal) != 0)
            _ = Kill(pid, signal);
    }

    public static void ChangeOwner(string path, UnixUser user)
    {
        if (ChangeOwner(path, user.UserId, user.GroupId) != 0)
            throw new IOException($"Could not give {path} to user '{user.Name}': {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, int user, int group);
}

internal sealed record UnixUser(string Name, int UserId, int GroupId)
{
    /// <summary>Finds the first of these users that the machine has.</summary>
    public static UnixUser? Find(params string[] names)
    {
        if (!File.Exists("/etc/passwd"))
            return null;

        // name:password:uid:gid:comment:home:shell
        var users = File.ReadLines("/etc/passwd").Select(l => l.Split(':')).Where(f => f.Length >= 4).ToList();
        return names.Select(name => users.Find(f => f[0] == name)).FirstOrDefault(f => f is not null) is { } found
            && int.TryParse(found[2], out var uid) && int.TryParse(found[3], out var gid)
            ? new UnixUser(found[0], uid, gid)
            : null;
    }
}
