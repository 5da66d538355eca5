using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Configurations;

/// <summary>What a service was last started with, so that the worker can keep a copy with the backups.</summary>
public sealed class ConfigurationRecord
{
    /// <summary>Such as 'api'. Replicas are alike; where they are not, the last to start counts.</summary>
    public required string Service { get; init; }

    /// <summary>'name = value', in ordinal order; secrets as fingerprints.</summary>
    public required string[] Lines { get; init; }

    public DateTimeOffset StartedAt { get; init; }
}

/// <summary>The one key of all fingerprints of secrets. It lies in the database and in no store, so that a copy cannot be tried against guesses.</summary>
public sealed class ConfigurationKey
{
    public int Id { get; init; }
    public required byte[] Key { get; init; }
}

internal sealed class ConfigurationRecordConfiguration : IEntityTypeConfiguration<ConfigurationRecord>
{
    public void Configure(EntityTypeBuilder<ConfigurationRecord> record)
    {
        record.ToTable("configurations");
        record.HasKey(r => r.Service);
        record.Property(r => r.Service).HasMaxLength(40).UseCollation("C");
    }
}

internal sealed class ConfigurationKeyConfiguration : IEntityTypeConfiguration<ConfigurationKey>
{
    public void Configure(EntityTypeBuilder<ConfigurationKey> key)
    {
        key.ToTable("configuration_key");
        key.Property(k => k.Id).ValueGeneratedNever();
    }
}
