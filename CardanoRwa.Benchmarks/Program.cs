using BenchmarkDotNet.Running;
using CardanoRwa.Benchmarks;

// `mint`: transactions a second on one core, in some seconds. Anything else goes to BenchmarkDotNet.
if (args is ["mint", ..]) return QuickMint.Run();
BenchmarkSwitcher.FromAssembly(typeof(MintBenchmark).Assembly).Run(args);
return 0;
