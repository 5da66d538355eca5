namespace CardanoRwa.DevNet.Chain;

/// <summary>What becomes of the transactions of blocks that were rolled back.</summary>
public enum RollbackFate
{
    /// <summary>They wait for a block again.</summary>
    Mempool,

    /// <summary>They are gone until someone submits them again, which will work.</summary>
    Vanish,

    /// <summary>The other fork spent an input of theirs: they can never be included again.</summary>
    Invalid,
}
