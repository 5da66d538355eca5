using System.Collections.Frozen;

namespace CardanoRwa.Cardano.Building;

/// <summary>What a transaction shall do. The builder finds inputs, fee and change.</summary>
public sealed record TransactionPlan
{
    public required Address ChangeAddress { get; init; }

    /// <summary>Outputs as they shall stand; each must hold its minimum of lovelace.</summary>
    public IReadOnlyList<TxOut> Outputs { get; init; } = [];

    /// <summary>What is minted and not in an output goes to the change; what is burned is taken from the inputs.</summary>
    public IReadOnlyList<MintAction> Mints { get; init; } = [];

    public IReadOnlyDictionary<ulong, Metadatum> Metadata { get; init; } = FrozenDictionary<ulong, Metadatum>.Empty;

    /// <summary>Narrowed to what the time locks of the scripts demand.</summary>
    public ValidityInterval Validity { get; init; }

    /// <summary>Inputs to spend whatever else is chosen.</summary>
    public IReadOnlyList<Utxo> Inputs { get; init; } = [];

    /// <summary>Scripts of the script addresses among the inputs.</summary>
    public IReadOnlyList<NativeScript> SpendingScripts { get; init; } = [];

    /// <summary>Outputs to read without spending; native scripts in them need no copy among the witnesses.</summary>
    public IReadOnlyList<Utxo> ReferenceInputs { get; init; } = [];
    public IReadOnlyList<Hash28> RequiredSigners { get; init; } = [];

    /// <summary>
    /// Which keys of the scripts will sign (n of k); null counts all of them, which overpays by 4,444 lovelace a spare key.
    /// The fee is exact only for the keys told here.
    /// </summary>
    public IReadOnlyList<Hash28>? ScriptSigners { get; init; }

    /// <summary>Written to the body, and every address is held against it.</summary>
    public CardanoNetwork? Network { get; init; }

    /// <summary>Into how many outputs to split the change that is only lovelace, so that later transactions need not wait for one.</summary>
    public int ChangeParts { get; init; } = 1;

    /// <summary>Give a rest too small for an output to the fee instead of failing. At most about 1 ada is lost so.</summary>
    public bool LeftoverToFee { get; init; }
}
