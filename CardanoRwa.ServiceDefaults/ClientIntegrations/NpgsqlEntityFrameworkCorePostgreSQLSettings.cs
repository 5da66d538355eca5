namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;

/// <summary>Read from <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c>, then from the sections below it named after the connection and the context.</summary>
public class NpgsqlEntityFrameworkCorePostgreSQLSettings
{
    /// <summary><c>ConnectionStrings:{name}</c> wins over this.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableRetry { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    public bool DisableMetrics { get; set; }

    /// <summary>In seconds; Npgsql's own default when null.</summary>
    public int? CommandTimeout { get; set; }
}
