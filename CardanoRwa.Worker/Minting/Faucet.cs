using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting.Processing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Worker.Minting;

/// <summary>In development, asks the development chain for lovelace when the wallet runs low. Nothing is configured elsewhere.</summary>
internal sealed partial class Faucet(HttpClient http, RwaDbContext db, SigningWallet wallet, IOptions<ChainOptions> chain, ILogger<Faucet> logger)
{
    private const long Low = 100_000_000_000;
    private const long Grant = 10_000_000_000_000;

    /// <returns>Whether it was asked.</returns>
    public async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        if (chain.Value.Faucet is not { } faucet || await db.Wallet.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is not { Lovelace: < Low })
        {
            return false;
        }
        var answer = await http.PostAsJsonAsync(faucet, new { address = wallet.FeeAddress.ToString(), lovelace = Grant }, cancellationToken);
        LogAsked(logger, Grant, (int)answer.StatusCode);
        return answer.IsSuccessStatusCode;
    }

    [LoggerMessage(3053, LogLevel.Information, "Asked the faucet for {Lovelace} lovelace: {Status}.")]
    private static partial void LogAsked(ILogger logger, long lovelace, int status);
}
