using Microsoft.EntityFrameworkCore.Migrations;

namespace CardanoRwa.Core.Webhooks;

/// <summary>What a migration that makes the webhooks' tables must add by hand.</summary>
internal static class WebhookSchema
{
    /// <summary>The feed begins with what is committed from now on.</summary>
    public static void StartFeed(MigrationBuilder migration) =>
        migration.Sql("INSERT INTO webhook_feed (id, position) VALUES (1, pg_current_xact_id());");
}
