using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CardanoRwa.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class Drills : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            CardanoRwa.Core.Restored.RecoverySchema.Create(migrationBuilder);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            CardanoRwa.Core.Restored.RecoverySchema.Drop(migrationBuilder);
        }
    }
}
