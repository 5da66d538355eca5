using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using CardanoRwa.Api.Problems;
using CardanoRwa.Core.Minting;

namespace CardanoRwa.Api.Minting;

/// <summary>An operation's progress as server-sent events: one at once, one after each change, the last when it is over.</summary>
internal static class OperationEvents
{
    public static async Task<Results<ServerSentEventsResult<OperationView>, ProblemHttpResult>> Stream(Guid id, OperationReader reader, OperationWatch watch, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } first
            ? TypedResults.ServerSentEvents(FollowAsync(first, watch, cancellationToken))
            : MintDesk.NotFound(id).ToProblem();

    private static async IAsyncEnumerable<SseItem<OperationView>> FollowAsync(OperationView first, OperationWatch watch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Item(first);
        if (IsOver(first))
        {
            yield break;
        }
        await foreach (var view in watch.FollowAsync(first, cancellationToken))
        {
            yield return Item(view);
            if (IsOver(view))
            {
                yield break;
            }
        }
    }

    private static SseItem<OperationView> Item(OperationView view) => new(view, view.State);

    private static bool IsOver(OperationView view) => view.State is "confirmed" or "failed";
}
