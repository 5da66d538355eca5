using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Logical;

namespace CardanoRwa.Worker.Recovery;

internal static class LogicalSettings
{
    public static LogicalRequest LogicalRequest(this RecoveryOptions options, string source) => new(source)
    {
        ProgramsFolder = options.PostgresFolder,
        ScratchFolder = options.ScratchFolder,
        ScratchBytes = (long)options.Logical.ScratchMebibytes << 20,
        Jobs = options.Logical.Jobs,
    };
}
