using Microsoft.EntityFrameworkCore.Migrations;

namespace CardanoRwa.Core.Restored;

/// <summary>Tables that recovery reads and writes by plain SQL, also where there is no registry around them.</summary>
internal static class RecoverySchema
{
    public static void Create(MigrationBuilder migration) => migration.Sql("""
        CREATE TABLE recovery_sentinels (sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp());
        CREATE TABLE restore_holds (restore_id text COLLATE "C" PRIMARY KEY, seen_slot bigint NOT NULL, seen_at timestamptz NOT NULL DEFAULT clock_timestamp(), cleared_at timestamptz, cleared_by text);
        CREATE TABLE drill_reports (id text COLLATE "C" PRIMARY KEY, started_at timestamptz NOT NULL, report jsonb NOT NULL);
        """);

    public static void Drop(MigrationBuilder migration) => migration.Sql("DROP TABLE recovery_sentinels; DROP TABLE restore_holds; DROP TABLE drill_reports;");
}
