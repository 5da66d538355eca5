using Npgsql;

namespace CardanoRwa.Tests.ServiceDefaults;

/// <summary>A database that tests may fill; <c>RWA_TEST_POSTGRES</c> is its connection string.</summary>
public sealed class PostgresFixture
{
    public string ConnectionString { get; } = new NpgsqlConnectionStringBuilder(
        Environment.GetEnvironmentVariable("RWA_TEST_POSTGRES")
        ?? throw new InvalidOperationException("Set RWA_TEST_POSTGRES, e.g. to 'Host=127.0.0.1;Username=postgres;Database=postgres'."))
    { ApplicationName = "service-defaults-tests" }.ConnectionString;
}
