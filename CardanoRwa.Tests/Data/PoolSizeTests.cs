using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CardanoRwa.Tests.Data;

public sealed class PoolSizeTests
{
    [Theory]
    [InlineData("Host=a;Username=u;Database=d", 40)]
    [InlineData("Host=a;Username=u;Database=d;Maximum Pool Size=100", 100)]
    [InlineData("Host=a,b;Username=u;Database=d", 40)]
    [InlineData("Host=a,b;Username=u;Database=d;Maximum Pool Size=7", 7)]
    public void Process_leaves_others_their_connections_unless_its_settings_say_otherwise(string connectionString, int size)
    {
        var options = new DbContextOptionsBuilder<RwaDbContext>().UseNpgsql(connectionString);
        DataOptions.Configure(options);
        using var context = new RwaDbContext(options.Options);
        var connection = (NpgsqlConnection)context.GetService<IRelationalConnection>().DbConnection;
        Assert.Equal(size, new NpgsqlConnectionStringBuilder(connection.ConnectionString).MaxPoolSize);
    }
}
