using System.Globalization;

namespace CardanoRwa.Cardano.Keys;

/// <summary>The derivation paths of CIP-1852 (wallets) and CIP-1855 (minting policies).</summary>
public sealed record DerivationPath(params IReadOnlyList<uint> Indexes)
{
    public const uint Hardened = 0x80000000;

    private const uint WalletPurpose = 1852 | Hardened;
    private const uint PolicyPurpose = 1855 | Hardened;
    private const uint Ada = 1815 | Hardened;
    private const uint ExternalRole = 0;
    private const uint InternalRole = 1;
    private const uint StakeRole = 2;

    /// <summary><c>m/1852'/1815'/account'</c>: its extended public key watches every address of the account.</summary>
    public static DerivationPath Account(uint account) => new(WalletPurpose, Ada, account | Hardened);

    public static DerivationPath Payment(uint account, uint index) => new(WalletPurpose, Ada, account | Hardened, ExternalRole, index);
    public static DerivationPath Change(uint account, uint index) => new(WalletPurpose, Ada, account | Hardened, InternalRole, index);
    public static DerivationPath Stake(uint account) => new(WalletPurpose, Ada, account | Hardened, StakeRole, 0);

    /// <summary><c>m/1855'/1815'/index'</c></summary>
    public static DerivationPath Policy(uint index) => new(PolicyPurpose, Ada, index | Hardened);

    /// <summary>Reads <c>m/1852'/1815'/0'/0/0</c>; an H may stand for the apostrophe.</summary>
    public static DerivationPath Parse(string path)
    {
        var parts = path.Split('/');
        var indexes = new uint[parts.Length - 1];
        var valid = parts[0] == "m";
        for (var i = 0; valid && i < indexes.Length; i++)
        {
            var part = parts[i + 1];
            var hardened = part.EndsWith('\'') || part.EndsWith('H');
            valid = uint.TryParse(hardened ? part[..^1] : part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < Hardened;
            indexes[i] = hardened ? index | Hardened : index;
        }

        return valid ? new DerivationPath(indexes) : throw new FormatException($"Expected a path like m/1852'/1815'/0'/0/0: '{path}'.");
    }

    public override string ToString() => "m" + string.Concat(Indexes.Select(static i => i >= Hardened ? $"/{i - Hardened}'" : $"/{i}"));
}
