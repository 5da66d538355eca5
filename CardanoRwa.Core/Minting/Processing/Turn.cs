using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>
/// Steps that workers take one at a time, by advisory locks of the transaction: free again the moment it ends, however it
/// ends. Nothing relies on them for correctness but the lane's order; what is written is guarded by keys and row locks.
/// </summary>
internal static class Turn
{
    // Any constants will do; they spell 'rwa-mnt' and a digit.
    public const long Build = 0x72_77_61_2d_6d_6e_74_31;
    public const long Submit = 0x72_77_61_2d_6d_6e_74_32;
    public const long Watch = 0x72_77_61_2d_6d_6e_74_33;
    public const long Sync = 0x72_77_61_2d_6d_6e_74_34;

    public static Task<bool> TryTakeAsync(RwaDbContext db, long turn, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<bool>($"""SELECT pg_try_advisory_xact_lock({turn}) AS "Value" """).SingleAsync(cancellationToken);
}
