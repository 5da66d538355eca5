namespace CardanoRwa.LoadTest;

/// <summary>Two servers, or one and the bare constant, closed loop and by turns; who begins changes each round.</summary>
internal sealed class Rounds(Target a, Target b, RequestModel requestA, RequestModel requestB, int users, double secondsEach)
{
    public async Task<Comparison> RunAsync(int rounds, Action<int, double, double> tick, CancellationToken cancellationToken)
    {
        var rates = new List<double[]>();
        await RateAsync(a, requestA, secondsEach, cancellationToken); // warm
        await RateAsync(b, requestB, secondsEach, cancellationToken);
        for (var round = 0; round < rounds; round++)
        {
            var first = round % 2 == 0;
            var one = await RateAsync(first ? a : b, first ? requestA : requestB, secondsEach, cancellationToken);
            var other = await RateAsync(first ? b : a, first ? requestB : requestA, secondsEach, cancellationToken);
            double[] pair = first ? [one, other] : [other, one];
            rates.Add([Math.Round(pair[0], 1), Math.Round(pair[1], 1)]);
            tick(round + 1, pair[0], pair[1]);
        }
        return Comparison.Of(rates);
    }

    private Task<double> RateAsync(Target target, RequestModel request, double seconds, CancellationToken cancellationToken) => RateAsync(target, request, users, seconds, cancellationToken);

    /// <returns>Answers a second, of a closed loop that does not think.</returns>
    /// <exception cref="InvalidDataException">An answer had another status than expected: its rate would mean nothing.</exception>
    public static async Task<double> RateAsync(Target target, RequestModel request, int users, double seconds, CancellationToken cancellationToken)
    {
        var scenario = new Scenario(new Dictionary<string, RequestModel> { ["it"] = request }, new Dictionary<string, Profile>());
        var whole = (int)Math.Ceiling(seconds);
        var profile = new Profile(["it"], users, whole);
        var run = new LoadRun(target, profile, await target.PrepareAsync(scenario, profile, cancellationToken));
        await run.RunAsync(static _ => { }, cancellationToken);
        var meter = run.Meters.Single();
        if (meter.Failures > 0)
        {
            throw new InvalidDataException($"{target.Address}: {run.Fault}");
        }
        return meter.Latency.TotalCount / run.Took.TotalSeconds;
    }
}
