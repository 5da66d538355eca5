using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace CardanoRwa.Embedded.Running;

/// <summary>Generated passwords, kept in a file that only its owner can read.</summary>
internal sealed class SecretStore
{
    private static readonly ConcurrentDictionary<string, SecretStore> Stores = new();
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _gate = new();
    private readonly string _path;

    private SecretStore(string path) => _path = path;

    public static SecretStore For(IConfiguration configuration) =>
        Stores.GetOrAdd(Path.Combine(DataFolder.For(configuration), "secrets.json"), path => new SecretStore(path));

    public string GetOrAdd(string key, Func<string> make)
    {
        lock (_gate)
        {
            var secrets = Read();
            if (secrets.TryGetValue(key, out var kept))
                return kept;

            secrets[key] = make();
            Write(secrets);
            return secrets[key];
        }
    }

    private Dictionary<string, string> Read()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(_path)) ?? [] : [];
        }
        catch (JsonException e)
        {
            throw new Aspire.Hosting.DistributedApplicationException($"{_path} is not valid JSON ({e.Message}). Mend it, or delete it and start with --reset.", e);
        }
    }

    private void Write(Dictionary<string, string> secrets)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var next = _path + ".new";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(next, options))
            JsonSerializer.Serialize(file, secrets, Indented);

        // Renamed into place: a crash leaves the old file or the new one, never half a password.
        File.Move(next, _path, overwrite: true);
    }
}
