using System.Diagnostics;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CardanoRwa.Core.Assets;

/// <summary>Loads assets and plain pages that no cache had, those of one moment in one round trip; what was loaded is kept by the cache.</summary>
public sealed class AssetLoads
{
    private const int Lanes = 2;
    private readonly Gathering<Asked<Guid>> _assets;
    private readonly Gathering<Asked<AssetQuery>> _pages;

    public AssetLoads(RegistrySource source, RegistryCache cache, ILogger<AssetLoads> logger)
    {
        _assets = new(Lanes, most: 100, () => new AssetWorker(source, cache, logger));
        // Rounds of pages stay short: the last of one waits for all of them.
        _pages = new(Lanes, most: 12, () => new PageWorker(source, cache, logger));
    }

    /// <returns>Null when the database could not be asked this way; another may still succeed.</returns>
    internal Task<CachedAnswer?> AssetAsync(Guid id) => AskAsync(_assets, new Asked<Guid>(id, null));

    /// <param name="query">Plain, as <see cref="AssetRows.IsPlain"/> says.</param>
    /// <param name="question">The query string that it was made from.</param>
    internal Task<CachedAnswer?> PageAsync(AssetQuery query, string question) => AskAsync(_pages, new Asked<AssetQuery>(query, question));

    private static async Task<CachedAnswer?> AskAsync<T>(Gathering<Asked<T>> gathering, Asked<T> asked)
    {
        gathering.Add(asked);
        var answer = await asked.Task;
        DatabaseTime.Add(asked.Took);
        return answer;
    }

    private sealed class Asked<T>(T what, string? question) : TaskCompletionSource<CachedAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously), IAsked
    {
        public T What => what;
        public string? Question => question;
        public TimeSpan Took { get; private set; }

        public void Answer(CachedAnswer answer, TimeSpan took)
        {
            Took = took;
            TrySetResult(answer);
        }

        public void GoAlone() => TrySetResult(null);
    }

    private sealed class AssetWorker(RegistrySource source, RegistryCache cache, ILogger logger) : RoundWorker<Asked<Guid>>(source, logger)
    {
        protected override async Task CarryOutAsync(NpgsqlConnection connection, IReadOnlyList<Asked<Guid>> round)
        {
            var began = Stopwatch.GetTimestamp();
            // Before the question is sent: what changes from here on makes the answer old.
            var stamps = round.GroupBy(a => a.What).ToDictionary(a => a.Key, a => cache.AssetStamp(a.Key));
            await using var command = new NpgsqlCommand(AssetRows.ByIds, connection) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. stamps.Keys] } } };
            await command.PrepareAsync();
            var found = new Dictionary<Guid, AssetView>(stamps.Count);
            await using (var reader = await command.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                {
                    var asset = AssetRows.Read(reader);
                    found[asset.Id] = asset;
                }
            }
            var took = Stopwatch.GetElapsedTime(began);
            var answers = new Dictionary<Guid, CachedAnswer>(stamps.Count);
            foreach (var asked in round)
            {
                if (!answers.TryGetValue(asked.What, out var answer))
                {
                    answer = found.TryGetValue(asked.What, out var asset) ? AssetAnswers.Of(asset) : CachedAnswer.Missing;
                    answers[asked.What] = answer;
                    cache.KeepAsset(asked.What, answer, stamps[asked.What]);
                }
                asked.Answer(answer, took);
            }
        }
    }

    private sealed class PageWorker(RegistrySource source, RegistryCache cache, ILogger logger) : RoundWorker<Asked<AssetQuery>>(source, logger)
    {
        protected override async Task CarryOutAsync(NpgsqlConnection connection, IReadOnlyList<Asked<AssetQuery>> round)
        {
            var began = Stopwatch.GetTimestamp();
            var stamp = cache.ListStamp;
            var questions = round.GroupBy(a => a.Question!, StringComparer.Ordinal).ToList();
            await using var batch = new NpgsqlBatch(connection);
            foreach (var question in questions)
            {
                batch.BatchCommands.Add(AssetRows.Page(question.First().What));
            }
            await batch.PrepareAsync();
            await using var reader = await batch.ExecuteReaderAsync();
            foreach (var question in questions)
            {
                var rows = new List<AssetView>();
                while (await reader.ReadAsync())
                {
                    rows.Add(AssetRows.Read(reader));
                }
                await reader.NextResultAsync();
                var took = Stopwatch.GetElapsedTime(began);
                var answer = AssetAnswers.Of(rows, question.First().What);
                cache.KeepPage(question.Key, answer, stamp);
                foreach (var asked in question)
                {
                    asked.Answer(answer, took);
                }
            }
        }
    }
}
