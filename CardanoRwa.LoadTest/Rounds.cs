namespace CardanoRwa.LoadTest;

/// <summary>Two servers, or one and the bare constant, closed loop and by turns; who begins changes each round.</summary>
internal sealed class Rounds(Contender a, Contender b, int users, double secondsEach, double warmSeconds)
{
    public async Task<Comparison> RunAsync(int rounds, Action<int, double, double> tick, CancellationToken cancellationToken)
    {
        var rates = new List<double[]>();
        await a.RateAsync(users, warmSeconds, cancellationToken);
        await b.RateAsync(users, warmSeconds, cancellationToken);
        for (var round = 0; round < rounds; round++)
        {
            var first = round % 2 == 0;
            var one = await (first ? a : b).RateAsync(users, secondsEach, cancellationToken);
            var other = await (first ? b : a).RateAsync(users, secondsEach, cancellationToken);
            double[] pair = first ? [one, other] : [other, one];
            rates.Add([Math.Round(pair[0], 1), Math.Round(pair[1], 1)]);
            tick(round + 1, pair[0], pair[1]);
        }
        return Comparison.Of(rates);
    }
}
