namespace CardanoRwa.Storage;

internal sealed class LocalFolderUpload(StoreCalls calls, string key, FileStream file, string path, string root) : ObjectUpload
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        await calls.RunAsync($"writing {key}", token => file.WriteAsync(bytes, token).AsTask().WaitAsync(token), cancellationToken);

    public override Task<bool> CompleteAsync(bool ifAbsent, CancellationToken cancellationToken) =>
        calls.RunAsync($"completing {key}", token => Task.Run(() => Complete(ifAbsent), CancellationToken.None).WaitAsync(token), cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await file.DisposeAsync();
        File.Delete(file.Name);
    }

    private bool Complete(bool ifAbsent)
    {
        file.Flush(flushToDisk: true);
        file.Dispose();
        var folder = Path.GetDirectoryName(path)!;
        for (var attempt = 1; ; attempt++)
        {
            DurableFiles.CreateFolders(folder);
            try
            {
                if (!ifAbsent)
                {
                    File.Move(file.Name, path, overwrite: true);
                }
                else if (!DurableFiles.LinkIfAbsent(file.Name, path))
                {
                    return false;
                }
                break;
            }
            catch (DirectoryNotFoundException) when (attempt < 10 && Directory.Exists(root))
            {
                // Whoever deleted the last object in the folder took the folder along.
            }
        }
        DurableFiles.FlushFolder(folder);
        return true;
    }
}
