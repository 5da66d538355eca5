namespace CardanoRwa.Tests;

internal static class RepositoryRoot
{
    public static readonly string Path = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "CardanoRwa.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run from inside the repository: CardanoRwa.sln was not found above them.");
        }
        return folder.FullName;
    }
}
