namespace CardanoRwa.LoadTest;

/// <summary>What interleaved rounds tell of two servers.</summary>
/// <param name="Verdict">better, same, worse or undecided: of B beside A.</param>
/// <param name="Ratio">Median of B's requests a second by A's, each of one round.</param>
/// <param name="Low">Where the ratio lies with 95 %: from ...</param>
/// <param name="High">... to.</param>
/// <param name="Rounds">Requests a second, A and B.</param>
internal sealed record Comparison(string Verdict, double Ratio, double Low, double High, IReadOnlyList<double[]> Rounds)
{
    /// <summary>The guide's criterion: a deviation of five in a hundred.</summary>
    public const double Criterion = 0.05;

    /// <summary>
    /// The two of a round see the same noise of the machine, so their ratio is what is looked at; resampled with replacement, the spread of its median tells
    /// how far the rounds can be trusted.
    /// </summary>
    public static Comparison Of(IReadOnlyList<double[]> rounds, double criterion = Criterion, int resamples = 10_000)
    {
        var ratios = rounds.Select(r => r[1] / r[0]).ToArray();
        // The same rounds give the same verdict.
        var random = new Random(20_250_115);
        var medians = new double[resamples];
        var sample = new double[ratios.Length];
        for (var i = 0; i < resamples; i++)
        {
            for (var k = 0; k < sample.Length; k++)
            {
                sample[k] = ratios[random.Next(ratios.Length)];
            }
            medians[i] = Median(sample);
        }
        Array.Sort(medians);
        var (low, high) = (medians[resamples * 25 / 1000], medians[resamples * 975 / 1000]);
        var verdict = high < 1 - criterion ? "worse"
            : low > 1 + criterion ? "better"
            : low >= 1 - criterion && high <= 1 + criterion ? "same"
            : "undecided";
        return new Comparison(verdict, Math.Round(Median(ratios), 4), Math.Round(low, 4), Math.Round(high, 4), rounds);
    }

    public static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
