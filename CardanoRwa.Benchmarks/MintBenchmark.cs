using BenchmarkDotNet.Attributes;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Benchmarks;

[MemoryDiagnoser]
public class MintBenchmark : IDisposable
{
    private readonly MintWork one = new(oneKey: true);
    private readonly MintWork two = new(oneKey: false);
    private byte[] bytes = [];

    [GlobalSetup]
    public void Setup() => bytes = one.Run().Bytes.ToArray();

    [Benchmark(Baseline = true)]
    public Transaction MintWithOneSignature() => one.Run();

    [Benchmark]
    public Transaction MintWithTwoSignatures() => two.Run();

    [Benchmark]
    public Transaction Decode() => Transaction.Decode(bytes);

    [GlobalCleanup]
    public void Dispose()
    {
        one.Dispose();
        two.Dispose();
        GC.SuppressFinalize(this);
    }
}
