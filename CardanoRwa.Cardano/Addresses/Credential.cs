namespace CardanoRwa.Cardano.Addresses;

/// <summary>What must agree to a spend: the holder of a key, or a script.</summary>
public readonly record struct Credential(CredentialKind Kind, Hash28 Hash)
{
    public bool IsScript => Kind == CredentialKind.Script;

    public static Credential Key(Hash28 hash) => new(CredentialKind.Key, hash);
    public static Credential Script(Hash28 hash) => new(CredentialKind.Script, hash);
}

public enum CredentialKind
{
    Key = 0,
    Script = 1,
}
