namespace CardanoRwa.Cardano.Providers;

/// <summary>The ledger's rules, by the names the Conway ledger gives their violations; the numbers are Ogmios' codes.</summary>
public enum LedgerRule
{
    /// <summary>A violation this library does not know; its text says what.</summary>
    Unknown = 0,

    /// <summary>The bytes are not a transaction of this era.</summary>
    Malformed = 1,

    BabbageNonDisjointRefInputs = 2,

    /// <summary>"All inputs are spent": it is probably included already, or a rival spent the same inputs. Look the id up.</summary>
    ConwayMempoolFailure = 3997,

    InvalidWitnessesUTXOW = 3100,
    MissingVKeyWitnessesUTXOW = 3101,
    MissingScriptWitnessesUTXOW = 3102,
    ScriptWitnessNotValidatingUTXOW = 3103,
    ExtraneousScriptWitnessesUTXOW = 3104,
    MissingTxBodyMetadataHash = 3105,
    MissingTxMetadata = 3106,
    ConflictingMetadataHash = 3107,
    InvalidMetadata = 3108,
    MissingRedeemers = 3109,
    ExtraRedeemers = 3110,
    MissingRequiredDatums = 3111,
    NotAllowedSupplementalDatums = 3112,
    PPViewHashesDontMatch = 3113,
    UnspendableUTxONoDatumHash = 3114,
    MalformedScriptWitnesses = 3116,
    BadInputsUTxO = 3117,
    OutsideValidityIntervalUTxO = 3118,
    MaxTxSizeUTxO = 3119,
    OutputTooBigUTxO = 3120,
    InputSetEmptyUTxO = 3121,
    FeeTooSmallUTxO = 3122,
    ValueNotConservedUTxO = 3123,
    WrongNetwork = 3124,
    BabbageOutputTooSmallUTxO = 3125,
    OutputBootAddrAttrsTooBig = 3126,
    InsufficientCollateral = 3128,
    ScriptsNotPaidUTxO = 3129,
    OutsideForecast = 3130,
    TooManyCollateralInputs = 3131,
    NoCollateralInputs = 3132,
    CollateralContainsNonADA = 3133,
    ExUnitsTooBigUTxO = 3134,
    IncorrectTotalCollateralField = 3135,

    ValidationTagMismatch = 3136,

    // Further constructors that Ogmios folds into the codes above.
    WrongNetworkInTxBody = 10001,
    WrongNetworkWithdrawal = 10002,
    OutputTooSmallUTxO = 10003,
    MalformedReferenceScripts = 10004,
    WithdrawalsNotInRewardsCERTS = 10005,
}
