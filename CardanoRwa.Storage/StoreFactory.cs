using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Storage;

public static class StoreFactory
{
    /// <summary>A store by its settings.</summary>
    public static IObjectStore Create(string name, StoreOptions options, TimeProvider clock)
    {
        if (StoreOptionsCheck.Faults(name, options).ToList() is { Count: > 0 } faults)
        {
            throw new OptionsValidationException(name, typeof(StoreOptions), faults.Select(f => name + f));
        }
        return options.Kind switch
        {
            StoreOptions.Folder => new LocalFolderStore(name, options, clock),
            StoreOptions.S3 => new S3Store(name, options, clock),
            _ => new AzureBlobStore(name, options, clock),
        };
    }

    /// <summary>The stores of section <c>Recovery:Stores</c>, checked at start. Several features may ask for them.</summary>
    public static IHostApplicationBuilder AddStores(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(StoreSet)))
        {
            return builder;
        }
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<StoresOptions>().Configure<IConfiguration>((o, c) => c.GetSection(StoresOptions.Section).Bind(o.Stores)).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<StoresOptions>, StoreOptionsCheck>();
        builder.Services.AddSingleton<StoreSet>();
        return builder;
    }
}

/// <summary>The configured stores, in order of their names.</summary>
public sealed class StoreSet(IOptions<StoresOptions> options, TimeProvider clock) : IDisposable
{
    private readonly Lazy<IReadOnlyList<IObjectStore>> _all = new(() =>
        [.. options.Value.Stores.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => StoreFactory.Create(s.Key, s.Value, clock))]);

    public IReadOnlyList<IObjectStore> All => _all.Value;

    public IReadOnlyList<IObjectStore> ForBackups => [.. All.Where(s => options.Value.Stores[s.Name].Backups)];

    public IObjectStore? Find(string name) => All.FirstOrDefault(s => s.Name == name);

    public void Dispose()
    {
        foreach (var store in _all.IsValueCreated ? _all.Value.OfType<IDisposable>() : [])
        {
            store.Dispose();
        }
    }
}
