using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Metadata;

namespace CardanoRwa.Core.Minting;

/// <summary>The names a token has on the chain: as given, or under CIP-67 labels.</summary>
public static class TokenNames
{
    /// <summary>A cap of one makes a CIP-68 token non-fungible (222); anything else is fungible (333).</summary>
    public static bool IsSingle(Token token) => token.MaxSupply == 1;

    public static AssetName OnChain(TokenStandard standard, AssetName name, bool nonFungible) =>
        standard == TokenStandard.Cip68 ? AssetLabel.Apply(Label(nonFungible), name.Bytes) : name;

    public static AssetName Reference(AssetName name) => AssetLabel.Apply(AssetLabel.Reference, name.Bytes);

    public static ushort Label(bool nonFungible) => nonFungible ? AssetLabel.NonFungible : AssetLabel.Fungible;
}
