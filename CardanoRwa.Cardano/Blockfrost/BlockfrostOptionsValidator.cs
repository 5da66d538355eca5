using Microsoft.Extensions.Options;

namespace CardanoRwa.Cardano.Blockfrost;

/// <summary>Checks the annotations of <see cref="BlockfrostOptions"/> and tells every fault at once.</summary>
[OptionsValidator]
internal sealed partial class BlockfrostOptionsValidator : IValidateOptions<BlockfrostOptions>;
