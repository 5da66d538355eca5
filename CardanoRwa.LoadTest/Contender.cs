namespace CardanoRwa.LoadTest;

/// <summary>A server and the one kind of request that it is measured with.</summary>
internal sealed class Contender(Target target, RequestBytes request)
{
    // Goes on from round to round: what is to be found in no cache must not be asked for twice.
    private long _next;

    public static async Task<Contender> PrepareAsync(Target target, RequestModel request, CancellationToken cancellationToken)
    {
        var scenario = new Scenario(new Dictionary<string, RequestModel> { ["it"] = request }, new Dictionary<string, Profile>());
        return new Contender(target, (await target.PrepareAsync(scenario, new Profile(["it"], 1, 1), cancellationToken)).Single());
    }

    /// <returns>Answers a second, of a closed loop that does not think.</returns>
    /// <exception cref="InvalidDataException">An answer had another status than expected: its rate would mean nothing.</exception>
    public async Task<double> RateAsync(int users, double seconds, CancellationToken cancellationToken)
    {
        var run = await RunAsync(new Profile([request.Name], users, (int)Math.Ceiling(seconds)), cancellationToken);
        var meter = run.Meters.Single();
        return meter.Latency.TotalCount / run.Took.TotalSeconds;
    }

    /// <summary>Sends it as a profile says: by turns with nothing else.</summary>
    public async Task<LoadRun> RunAsync(Profile profile, CancellationToken cancellationToken)
    {
        var run = new LoadRun(target, profile, [request], _next);
        await run.RunAsync(static _ => { }, cancellationToken);
        _next = run.Next;
        return run.Fault is { } fault ? throw new InvalidDataException($"{target.Address}: {fault}") : run;
    }
}
