using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace CardanoRwa.Core.Data;

/// <summary>Lets `dotnet ef migrations add` run without a database or a host.</summary>
internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<RwaDbContext>
{
    public RwaDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<RwaDbContext>().UseNpgsql("Host=localhost");
        DataOptions.Configure(options);
        return new RwaDbContext(options.Options);
    }
}
