using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Tests.ServiceDefaults;

public sealed class ThingContext(DbContextOptions<ThingContext> options) : DbContext(options)
{
    public const string SettingsSection = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";
}
