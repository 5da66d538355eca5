using CardanoRwa.DevNet.Index;
using CardanoRwa.DevNet.Ledger;
using CardanoRwa.DevNet.Storage;
using Microsoft.Extensions.Options;

namespace CardanoRwa.DevNet.Chain;

/// <summary>
/// The running chain: one lock around ledger, index, clock and log. Everything that changes the chain goes through here and
/// into the log, in the same order.
/// </summary>
public sealed partial class Node : IDisposable
{
    private readonly Lock gate = new();
    private readonly DevNetOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<Node> logger;
    private readonly ChainLog? log;
    private Blockchain chain;
    private ChainIndex index;
    private ChainClock clock;
    private Pace pace;
    private int seed;

    public Node(IOptions<DevNetOptions> options, TimeProvider time, ILogger<Node> logger)
    {
        this.options = options.Value;
        this.time = time;
        this.logger = logger;
        (chain, index, clock, pace, seed) = (null!, null!, null!, null!, this.options.Seed);
        List<LogRecord> records = [];
        if (this.options.DataFolder is { Length: > 0 } folder) log = ChainLog.Open(folder, out records);
        if (records is [LogRecord.Start start, ..]) Replay(start, records);
        else StartAnew();
    }

    /// <summary>How far the index is behind the chain.</summary>
    public TimeSpan IndexLag { get; set; }

    public BlockMode Mode => pace.Mode;
    public int BlockEveryMilliseconds => pace.EveryMilliseconds;

    /// <summary>A consistent look at everything. Do not keep what is given, nor change it.</summary>
    public T Read<T>(Func<NodeView, T> read)
    {
        lock (gate)
        {
            index.CatchUp(time.GetUtcNow() - IndexLag);
            return read(new NodeView(chain, index, clock, options, seed));
        }
    }

    public SubmitOutcome Submit(ReadOnlyMemory<byte> bytes)
    {
        if (!Transaction.TryDecode(bytes, out var transaction, out var error)) return new SubmitOutcome.Malformed(error);
        var candidate = Candidate.Verify(transaction);
        lock (gate) return Submit(candidate);
    }

    public SubmitOutcome Grant(FaucetRequest request)
    {
        lock (gate)
        {
            index.CatchUp(time.GetUtcNow() - IndexLag);
            return Faucet.Build(request, chain, index, seed) is { } transaction ? Submit(Candidate.Trust(transaction)) : new SubmitOutcome.Malformed("The faucet cannot make such outputs: each needs its minimum of lovelace, and all must fit in one transaction.");
        }
    }

    public IReadOnlyList<Block> Forge(int blocks = 1)
    {
        lock (gate) return [.. Enumerable.Range(0, blocks).Select(_ => ForgeAt(clock.Slot))];
    }

    /// <summary>How many blocks were rolled back: fewer than wished for where fewer are kept.</summary>
    public int Rollback(int depth, RollbackFate fate)
    {
        lock (gate)
        {
            var actual = Math.Min(depth, chain.RollbackLimit);
            var slot = clock.Slot;
            log?.Append(new LogRecord.RolledBack(slot, actual, fate));
            Took(chain.Rollback(actual, fate, slot));
            RolledBack(actual, fate, chain.Tip.Height);
            return actual;
        }
    }

    public void SetPace(BlockMode mode, int? everyMilliseconds)
    {
        lock (gate) pace = new Pace(mode, everyMilliseconds ?? pace.EveryMilliseconds, pace.Lottery, time.GetUtcNow(), clock.Slot);
    }

    public void ChangeClock(ulong skip, double? speed)
    {
        lock (gate)
        {
            var setting = clock.Change(skip, speed);
            log?.Append(new LogRecord.ClockSet(setting));
        }
    }

    /// <summary>Brings the chain up to the clock.</summary>
    public void Tick()
    {
        lock (gate)
        {
            foreach (var slot in pace.Due(time.GetUtcNow(), clock.Slot)) ForgeAt(slot);
            index.CatchUp(time.GetUtcNow() - IndexLag);
        }
    }

    public void Reset()
    {
        lock (gate)
        {
            log?.Clear();
            IndexLag = TimeSpan.Zero;
            StartAnew();
        }
    }

    public void Dispose() => log?.Dispose();

    private SubmitOutcome Submit(Candidate candidate)
    {
        var outcome = chain.Submit(candidate, clock.Slot);
        if (outcome is SubmitOutcome.Accepted) log?.Append(new LogRecord.Submitted(candidate.Transaction.Bytes));
        return outcome;
    }

    private Block ForgeAt(ulong slot)
    {
        log?.Append(new LogRecord.Forged(slot));
        Took(chain.Forge(slot));
        log?.Flush();
        return chain.Tip;
    }

    private void Took(List<ChainChange> changes) => index.Enqueue(time.GetUtcNow(), changes);

    private void StartAnew()
    {
        seed = options.Seed;
        var start = new LogRecord.Start(time.GetUtcNow() - options.GenesisAge, seed);
        log?.Append(start);
        Begin(start);
    }

    private void Begin(LogRecord.Start start)
    {
        // Whole seconds, as the start of a chain is told in them.
        clock = new ChainClock(time, DateTimeOffset.FromUnixTimeSeconds(start.SystemStart.ToUnixTimeSeconds()));
        chain = new Blockchain(new LedgerRules(ProtocolParameters.Mainnet2025, CardanoNetwork.Testnet), options, start.Seed);
        index = new ChainIndex();
        index.Enqueue(DateTimeOffset.MinValue, [.. chain.Blocks.Select(static b => new ChainChange(ChainChangeKind.Added, b))]);
        index.CatchUp(DateTimeOffset.MinValue);
        pace = new Pace(options.Mode, options.BlockEveryMilliseconds, new SlotLottery(start.Seed, options.ActiveSlotsCoefficient), time.GetUtcNow(), clock.Slot);
    }

    private void Replay(LogRecord.Start start, List<LogRecord> records)
    {
        seed = start.Seed;
        Begin(start);
        foreach (var record in records)
        {
            switch (record)
            {
                case LogRecord.Submitted submitted: chain.Restore(Transaction.Decode(submitted.Transaction)); break;
                case LogRecord.Forged forged: Took(chain.Forge(forged.Slot)); break;
                case LogRecord.RolledBack back: Took(chain.Rollback(back.Depth, back.Fate, back.Slot)); break;
                case LogRecord.ClockSet set: clock.Set(set.Setting); break;
            }

            index.CatchUp(DateTimeOffset.MaxValue);
        }

        pace = new Pace(pace.Mode, pace.EveryMilliseconds, pace.Lottery, time.GetUtcNow(), clock.Slot);
        Replayed(records.Count, chain.Tip.Height, log!.TornBytes);
    }

    [LoggerMessage(9001, LogLevel.Information, "Chain restored from {Records} records; tip at height {Height}; {Torn} torn bytes cut away")]
    private partial void Replayed(int records, long height, long torn);

    [LoggerMessage(9002, LogLevel.Information, "Rolled back {Blocks} blocks ({Fate}); tip at height {Height}")]
    private partial void RolledBack(int blocks, RollbackFate fate, long height);
}
