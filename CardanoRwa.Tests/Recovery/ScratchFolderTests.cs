using CardanoRwa.Recovery;

namespace CardanoRwa.Tests.Recovery;

public sealed class ScratchFolderTests
{
    [Fact]
    public void Folder_of_a_killed_run_goes_though_its_server_has_ended_too()
    {
        var root = Directory.CreateTempSubdirectory("scratch-").FullName;
        var running = ScratchFolder.Create(root);
        var killed = Path.Combine(root, "rwa-scratch-killed");
        var data = Directory.CreateDirectory(Path.Combine(killed, "data")).FullName;
        File.WriteAllLines(Path.Combine(data, "postmaster.pid"), [$"{int.MaxValue}", data]);

        var next = ScratchFolder.Create(root);

        Assert.False(Directory.Exists(killed));
        Assert.True(Directory.Exists(running.Path));
        running.Dispose();
        next.Dispose();
        Directory.Delete(root);
    }
}
