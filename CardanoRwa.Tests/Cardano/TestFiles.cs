namespace CardanoRwa.Tests.Cardano;

internal static class TestFiles
{
    internal static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CardanoRwa.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("CardanoRwa.sln is not above the tests.");
        return folder;
    }

    internal static string PathOf(params string[] parts) => Path.Combine([RepositoryRoot(), "CardanoRwa.Tests", "Cardano", .. parts]);
}
