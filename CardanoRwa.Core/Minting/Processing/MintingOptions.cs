using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>The minting worker's wallet and pace. Without a wallet a worker mints nothing and operations wait.</summary>
public sealed class MintingOptions
{
    public const string Section = "Minting";

    /// <summary>The wallet's recovery phrase (BIP-39). A secret.</summary>
    public string? Mnemonic { get; set; }

    /// <summary>A file that holds the phrase, instead.</summary>
    public string? MnemonicFile { get; set; }

    /// <summary>cardano-cli signing key files, instead of a phrase: one for fees and treasury.</summary>
    public string? PaymentKeyFile { get; set; }

    /// <summary>Signing key files of minting policies; the first is the key 'default'.</summary>
    public string[] PolicyKeyFiles { get; set; } = [];

    /// <summary>How many policy keys to derive from the phrase: 'default', 'policy-1', ...</summary>
    [Range(1, 1000)]
    public int PolicyKeys { get; set; } = 1;

    /// <summary>How long to wait for new operations when there were some just now.</summary>
    public TimeSpan Poll { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>What the wait grows to, by a quarter a turn, while there is nothing to do. A nudge of the Api ends it; this is for a nudge that was lost.</summary>
    public TimeSpan IdlePoll { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the chain is asked for the tip and for transactions under way.</summary>
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the wallet's outputs are compared with the chain's.</summary>
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Blocks on a transaction, its own included, until its operations count as confirmed; also how long a ttl must be past before a transaction is given up.</summary>
    [Range(1, 2160)]
    public int ConfirmationDepth { get; set; } = 10;

    /// <summary>Blocks until a transaction is watched no more. No fork of Cardano reaches deeper than 2,160.</summary>
    [Range(1, 100_000)]
    public int FinalDepth { get; set; } = 2160;

    /// <summary>Slots (seconds) for which a transaction can be included.</summary>
    [Range(60, 129_600)]
    public int TtlSlots { get; set; } = 7200;

    /// <summary>Slots for which a transaction can wait for signatures from elsewhere.</summary>
    [Range(60, 1_000_000)]
    public int SignatureSlots { get; set; } = 86_400;

    /// <summary>Bytes of transactions in no block yet, above which no more are made: two blocks, what a node's mempool holds.</summary>
    [Range(16_384, 100_000_000)]
    public int MostBytesInFlight { get; set; } = 180_224;

    /// <summary>Operations taken up in one turn.</summary>
    [Range(1, 10_000)]
    public int Turn { get; set; } = 512;

    /// <summary>How long a burn waits for its tokens to come to the treasury.</summary>
    public TimeSpan BurnPatience { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Transactions given up for one operation before it fails.</summary>
    [Range(1, 1000)]
    public int MostAttempts { get; set; } = 20;

    public bool HasWallet => Mnemonic is not null || MnemonicFile is not null || PaymentKeyFile is not null;
}

/// <summary>The way to the chain.</summary>
public sealed class ChainOptions
{
    public const string Section = "Chain";

    /// <summary>A Blockfrost API, such as https://cardano-mainnet.blockfrost.io/api/v0.</summary>
    public Uri? Url { get; set; }

    /// <summary>Blockfrost's project id. A secret.</summary>
    public string? ProjectId { get; set; }

    /// <summary>'mainnet' or 'testnet'.</summary>
    [RegularExpression("mainnet|testnet")]
    public string Network { get; set; } = "testnet";

    /// <summary>The plan's limit.</summary>
    [Range(1, 100_000)]
    public int RequestsPerSecond { get; set; } = 10;

    [Range(1, 1_000_000)]
    public int Burst { get; set; } = 500;

    /// <summary>Development only: asked for lovelace when the wallet has none.</summary>
    public Uri? Faucet { get; set; }
}
