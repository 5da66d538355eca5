namespace CardanoRwa.LoadTest;

/// <summary>
/// All servers by turns, request by request, round after round: a burst of noise falls on one round of each, and who begins changes, so no one always
/// comes after the same other.
/// </summary>
internal sealed class ContestRun(Contest contest, IReadOnlyDictionary<string, Target> targets, int rounds, int secondsEach)
{
    /// <param name="tick">Called with each round: request, round, the subject's rate, the others' rates in the order of the servers.</param>
    /// <param name="cancellationToken">Ends it without a result.</param>
    public async Task<IReadOnlyList<ContestRequest>> RunAsync(Action<string, int, IReadOnlyList<(string Server, Rate Rate)>> tick, CancellationToken cancellationToken)
    {
        // Who has the same rows is asked for the same ones.
        var subject = contest.Subject;
        var content = await Content.OfAsync(targets[subject], [.. contest.Requests.Keys.Select(r => contest.Model(r, subject)).OfType<RequestModel>()], pages: contest.Pages, limit: 200, cancellationToken: cancellationToken);
        var contenders = contest.Requests.Keys.ToDictionary(r => r, r => Asked(r).ToDictionary(s => s, s => new Contender(targets[s], RequestBytes.Create(r, contest.Model(r, s)!, targets[s], content with { Run = Content.Empty().Run }))));
        var rates = contest.Requests.Keys.ToDictionary(r => r, r => Asked(r).ToDictionary(s => s, _ => new List<Rate>()));
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var request in contest.Requests.Keys)
            {
                var asked = Asked(request);
                var heard = new List<(string, Rate)>();
                foreach (var server in asked.Skip(round % asked.Count).Concat(asked.Take(round % asked.Count)))
                {
                    heard.Add((server, await RateAsync(contenders[request][server], request, cancellationToken)));
                }
                // The first round only warms.
                if (round > 0)
                {
                    heard.ForEach(h => rates[request][h.Item1].Add(h.Item2));
                    tick(request, round, heard);
                }
            }
        }
        return [.. rates.Select(r => Decide(r.Key, r.Value))];
    }

    private async Task<Rate> RateAsync(Contender contender, string request, CancellationToken cancellationToken)
    {
        var run = await contender.RunAsync(new Profile([request], contest.Users, secondsEach), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var meter = run.Meters.Single();
        var latency = Percentiles.Of(meter.Latency);
        return new Rate(Math.Round(meter.Latency.TotalCount / run.Took.TotalSeconds, 1), latency.P50, latency.P99);
    }

    private List<string> Asked(string request) => [.. contest.Servers.Keys.Where(s => targets.ContainsKey(s) && contest.Model(request, s) is not null)];

    private ContestRequest Decide(string request, Dictionary<string, List<Rate>> rates) => new(request, [.. rates.Select(r =>
    {
        var compared = r.Key == contest.Subject || !rates.TryGetValue(contest.Subject, out var own) ? null : Comparison.Of([.. r.Value.Zip(own, (other, mine) => new[] { other.PerSecond, mine.PerSecond })]);
        return new ContestScore(
            r.Key, Median(r.Value, x => x.PerSecond), Median(r.Value, x => x.P50), Median(r.Value, x => x.P99), compared?.Verdict, compared?.Ratio, compared?.Low, compared?.High, [.. r.Value.Select(x => x.PerSecond)]);
    })]);

    private static double Median(List<Rate> rates, Func<Rate, double> of) => rates.Select(of).Order().ElementAt(rates.Count / 2);
}

/// <param name="PerSecond">Answers.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
internal readonly record struct Rate(double PerSecond, double P50, double P99);
