using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace CardanoRwa.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class Platform : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "event",
                table: "audit",
                type: "character varying(60)",
                maxLength: 60,
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "event_data",
                table: "audit",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "sequence",
                table: "audit",
                type: "bigint",
                nullable: false,
                defaultValue: 0L)
                .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn);

            migrationBuilder.CreateTable(
                name: "chain_transactions",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    in_lane = table.Column<bool>(type: "boolean", nullable: false),
                    stage = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, collation: "C"),
                    bytes = table.Column<byte[]>(type: "bytea", nullable: false),
                    inputs = table.Column<string[]>(type: "text[]", nullable: false),
                    ttl = table.Column<long>(type: "bigint", nullable: false),
                    fee = table.Column<long>(type: "bigint", nullable: false),
                    operations = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    submitted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    submissions = table.Column<int>(type: "integer", nullable: false),
                    next_check_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    block_hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    block_height = table.Column<long>(type: "bigint", nullable: true),
                    block_slot = table.Column<long>(type: "bigint", nullable: true),
                    confirmations = table.Column<long>(type: "bigint", nullable: false),
                    expired_at_height = table.Column<long>(type: "bigint", nullable: true),
                    conflict_at_height = table.Column<long>(type: "bigint", nullable: true),
                    last_answer = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_chain_transactions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "evidence_contents",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    length = table.Column<long>(type: "bigint", nullable: false),
                    cid = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false, collation: "C"),
                    leaves = table.Column<byte[]>(type: "bytea", nullable: false),
                    stored_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    checked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    damaged_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    damage = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_evidence_contents", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "tokens",
                columns: table => new
                {
                    asset_id = table.Column<Guid>(type: "uuid", nullable: false),
                    policy_id = table.Column<string>(type: "character varying(56)", maxLength: 56, nullable: false, collation: "C"),
                    policy_script = table.Column<byte[]>(type: "bytea", nullable: false),
                    asset_name = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    standard = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, collation: "C"),
                    metadata = table.Column<string>(type: "jsonb", nullable: false),
                    max_supply = table.Column<long>(type: "bigint", nullable: true),
                    requires_approval = table.Column<bool>(type: "boolean", nullable: false),
                    frozen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    reference_transaction = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    minted = table.Column<long>(type: "bigint", nullable: false),
                    burning = table.Column<long>(type: "bigint", nullable: false),
                    burned = table.Column<long>(type: "bigint", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tokens", x => x.asset_id);
                    table.ForeignKey(
                        name: "fk_tokens_assets_asset_id",
                        column: x => x.asset_id,
                        principalTable: "assets",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "wallet_state",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    network = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, collation: "C"),
                    fee_address = table.Column<string>(type: "character varying(130)", maxLength: 130, nullable: false, collation: "C"),
                    treasury_address = table.Column<string>(type: "character varying(130)", maxLength: 130, nullable: false, collation: "C"),
                    policy_keys = table.Column<string>(type: "jsonb", nullable: false),
                    tip_slot = table.Column<long>(type: "bigint", nullable: false),
                    tip_height = table.Column<long>(type: "bigint", nullable: false),
                    tip_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    lovelace = table.Column<long>(type: "bigint", nullable: false),
                    halt_code = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true, collation: "C"),
                    halt_reason = table.Column<string>(type: "text", nullable: true),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_wallet_state", x => x.id);
                    table.CheckConstraint("ck_wallet_state_one", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "webhook_feed",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    position = table.Column<ulong>(type: "xid8", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_webhook_feed", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "webhooks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    url = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    events = table.Column<string[]>(type: "text[]", nullable: false),
                    description = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    secret = table.Column<byte[]>(type: "bytea", nullable: false),
                    previous_secret = table.Column<byte[]>(type: "bytea", nullable: true),
                    previous_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    transaction_id = table.Column<ulong>(type: "xid8", nullable: false, defaultValueSql: "pg_current_xact_id()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_webhooks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "wallet_utxos",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(70)", maxLength: 70, nullable: false, collation: "C"),
                    role = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, collation: "C"),
                    output = table.Column<byte[]>(type: "bytea", nullable: false),
                    units = table.Column<string[]>(type: "text[]", nullable: false),
                    created_by = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    spent_by = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    missing_at_height = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_wallet_utxos", x => x.id);
                    table.ForeignKey(
                        name: "fk_wallet_utxos_chain_transactions_created_by",
                        column: x => x.created_by,
                        principalTable: "chain_transactions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_wallet_utxos_chain_transactions_spent_by",
                        column: x => x.spent_by,
                        principalTable: "chain_transactions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "evidence",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    asset_id = table.Column<Guid>(type: "uuid", nullable: false),
                    position = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    description = table.Column<string>(type: "text", nullable: true),
                    media_type = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false, collation: "C"),
                    confidential = table.Column<bool>(type: "boolean", nullable: false),
                    salt = table.Column<byte[]>(type: "bytea", nullable: true),
                    content_id = table.Column<Guid>(type: "uuid", nullable: false),
                    leaf = table.Column<byte[]>(type: "bytea", nullable: false),
                    uploaded_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_evidence", x => x.id);
                    table.ForeignKey(
                        name: "fk_evidence_assets_asset_id",
                        column: x => x.asset_id,
                        principalTable: "assets",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_evidence_evidence_contents_content_id",
                        column: x => x.content_id,
                        principalTable: "evidence_contents",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "evidence_pins",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    asset_id = table.Column<Guid>(type: "uuid", nullable: true),
                    cid = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false, collation: "C"),
                    content_id = table.Column<Guid>(type: "uuid", nullable: true),
                    manifest_count = table.Column<int>(type: "integer", nullable: true),
                    status = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, collation: "C"),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reason = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    pinned_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    pinned_as = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_evidence_pins", x => x.id);
                    table.ForeignKey(
                        name: "fk_evidence_pins_evidence_contents_content_id",
                        column: x => x.content_id,
                        principalTable: "evidence_contents",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "operations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    asset_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, collation: "C"),
                    quantity = table.Column<long>(type: "bigint", nullable: false),
                    recipient = table.Column<string>(type: "character varying(130)", maxLength: 130, nullable: true, collation: "C"),
                    jurisdiction = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: true, collation: "C"),
                    state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, collation: "C"),
                    transaction_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    anchor = table.Column<string>(type: "character varying(70)", maxLength: 70, nullable: true, collation: "C"),
                    alone = table.Column<bool>(type: "boolean", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    not_before = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    evidence_root = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    evidence_cid = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, collation: "C"),
                    failure_code = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: true, collation: "C"),
                    failure_reason = table.Column<string>(type: "text", nullable: true),
                    requested_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    request_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    decided_by = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    decision_reason = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    submitted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    confirmed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_operations", x => x.id);
                    table.ForeignKey(
                        name: "fk_operations_tokens_asset_id",
                        column: x => x.asset_id,
                        principalTable: "tokens",
                        principalColumn: "asset_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "webhook_deliveries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    webhook_id = table.Column<Guid>(type: "uuid", nullable: false),
                    event_id = table.Column<Guid>(type: "uuid", nullable: false),
                    event_type = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false, collation: "C"),
                    subject_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    body = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false, collation: "C"),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_status = table.Column<int>(type: "integer", nullable: true),
                    last_error = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_webhook_deliveries", x => x.id);
                    table.ForeignKey(
                        name: "fk_webhook_deliveries_webhooks_webhook_id",
                        column: x => x.webhook_id,
                        principalTable: "webhooks",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "transaction_operations",
                columns: table => new
                {
                    transaction_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    operation_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_transaction_operations", x => new { x.transaction_id, x.operation_id });
                    table.ForeignKey(
                        name: "fk_transaction_operations_chain_transactions_transaction_id",
                        column: x => x.transaction_id,
                        principalTable: "chain_transactions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_transaction_operations_operations_operation_id",
                        column: x => x.operation_id,
                        principalTable: "operations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_chain_transactions_inputs",
                table: "chain_transactions",
                column: "inputs")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_chain_transactions_open",
                table: "chain_transactions",
                column: "next_check_at",
                filter: "stage NOT IN ('final', 'abandoned')");

            migrationBuilder.CreateIndex(
                name: "ix_chain_transactions_unconfirmed",
                table: "chain_transactions",
                column: "sequence",
                unique: true,
                filter: "stage IN ('signed', 'submitted')");

            migrationBuilder.CreateIndex(
                name: "ix_evidence_asset_id_content_id",
                table: "evidence",
                columns: new[] { "asset_id", "content_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_evidence_asset_id_id",
                table: "evidence",
                columns: new[] { "asset_id", "id" },
                descending: new[] { false, true });

            migrationBuilder.CreateIndex(
                name: "ix_evidence_asset_id_position",
                table: "evidence",
                columns: new[] { "asset_id", "position" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_evidence_content_id",
                table: "evidence",
                column: "content_id");

            migrationBuilder.CreateIndex(
                name: "ix_evidence_contents_checked_at",
                table: "evidence_contents",
                column: "checked_at");

            migrationBuilder.CreateIndex(
                name: "ix_evidence_contents_sha256",
                table: "evidence_contents",
                column: "sha256",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_evidence_pins_cid",
                table: "evidence_pins",
                column: "cid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_evidence_pins_content_id",
                table: "evidence_pins",
                column: "content_id");

            migrationBuilder.CreateIndex(
                name: "ix_evidence_pins_next_at",
                table: "evidence_pins",
                column: "next_at",
                filter: "status <> 'pinned'");

            migrationBuilder.CreateIndex(
                name: "ix_operations_asset_id_created_at_id",
                table: "operations",
                columns: new[] { "asset_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_operations_queued",
                table: "operations",
                columns: new[] { "created_at", "id" },
                filter: "state = 'queued'");

            migrationBuilder.CreateIndex(
                name: "ix_operations_transaction_id",
                table: "operations",
                column: "transaction_id",
                filter: "transaction_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_tokens_policy_id_asset_name",
                table: "tokens",
                columns: new[] { "policy_id", "asset_name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_transaction_operations_operation_id",
                table: "transaction_operations",
                column: "operation_id");

            migrationBuilder.CreateIndex(
                name: "ix_wallet_utxos_created_by",
                table: "wallet_utxos",
                column: "created_by");

            migrationBuilder.CreateIndex(
                name: "ix_wallet_utxos_spent_by",
                table: "wallet_utxos",
                column: "spent_by");

            migrationBuilder.CreateIndex(
                name: "ix_wallet_utxos_units",
                table: "wallet_utxos",
                column: "units")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_wallet_utxos_unspent",
                table: "wallet_utxos",
                column: "role",
                filter: "spent_by IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_webhook_deliveries_dead",
                table: "webhook_deliveries",
                column: "id",
                descending: new bool[0],
                filter: "status = 'dead'");

            migrationBuilder.CreateIndex(
                name: "ix_webhook_deliveries_due",
                table: "webhook_deliveries",
                columns: new[] { "webhook_id", "next_at" },
                filter: "status = 'pending'");

            migrationBuilder.CreateIndex(
                name: "ix_webhook_deliveries_finished_at",
                table: "webhook_deliveries",
                column: "finished_at",
                filter: "status <> 'pending'");

            migrationBuilder.CreateIndex(
                name: "ix_webhook_deliveries_webhook_id_event_id",
                table: "webhook_deliveries",
                columns: new[] { "webhook_id", "event_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_webhook_deliveries_webhook_id_subject_id_sequence",
                table: "webhook_deliveries",
                columns: new[] { "webhook_id", "subject_id", "sequence" },
                filter: "status = 'pending'");

            CardanoRwa.Core.Webhooks.WebhookSchema.StartFeed(migrationBuilder);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "evidence");

            migrationBuilder.DropTable(
                name: "evidence_pins");

            migrationBuilder.DropTable(
                name: "transaction_operations");

            migrationBuilder.DropTable(
                name: "wallet_state");

            migrationBuilder.DropTable(
                name: "wallet_utxos");

            migrationBuilder.DropTable(
                name: "webhook_deliveries");

            migrationBuilder.DropTable(
                name: "webhook_feed");

            migrationBuilder.DropTable(
                name: "evidence_contents");

            migrationBuilder.DropTable(
                name: "operations");

            migrationBuilder.DropTable(
                name: "chain_transactions");

            migrationBuilder.DropTable(
                name: "webhooks");

            migrationBuilder.DropTable(
                name: "tokens");

            migrationBuilder.DropColumn(
                name: "event",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "event_data",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "sequence",
                table: "audit");
        }
    }
}
