using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Storage.Internal;

namespace CardanoRwa.Core.Data;

/// <summary>The pool that the context draws from, for the few statements that are sent past it.</summary>
public sealed class RegistrySource(IServiceScopeFactory scopes)
{
    private NpgsqlDataSource? _source;

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => (_source ??= Find()).OpenConnectionAsync(cancellationToken);

    // EF Core offers no public way to the data source that it made for the context.
#pragma warning disable EF1001
    private NpgsqlDataSource Find()
    {
        using var scope = scopes.CreateScope();
        var connection = scope.ServiceProvider.GetRequiredService<RwaDbContext>().GetService<IRelationalConnection>();
        return (NpgsqlDataSource?)((INpgsqlRelationalConnection)connection).DataSource
            ?? throw new InvalidOperationException($"The context has no data source: give it its options by {nameof(DataOptions)}.");
    }
#pragma warning restore EF1001
}
