using System.Globalization;
using System.Text.Json;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Retention;

/// <summary>
/// The right to remove from one store, for one process at a time: the highest number under <c>leases/retention/</c>. Taking over is creating the next
/// number, which only one can; who was stopped and wakes sees a higher number than its own.
/// </summary>
internal sealed class RetentionTurn
{
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(5);
    private readonly IObjectStore _store;
    private readonly string _systemId;
    private readonly long _number;
    private readonly TimeProvider _clock;
    private long _renewedAt;

    private RetentionTurn(IObjectStore store, string systemId, long number, DateTimeOffset storeTime, TimeProvider clock) =>
        (_store, _systemId, _number, StoreTime, _clock, _renewedAt) = (store, systemId, number, storeTime, clock, clock.GetTimestamp());

    /// <summary>What the store's own clock showed when the turn was taken.</summary>
    public DateTimeOffset StoreTime { get; }

    /// <summary>Null when another process has it.</summary>
    public static async Task<RetentionTurn?> TakeAsync(IObjectStore store, string systemId, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (newest, number) = await NewestAsync(store, systemId, cancellationToken);
        if (newest is not null && !await IsOverAsync(store, newest, systemId, clock, cancellationToken))
        {
            return null;
        }
        var name = NameOf(systemId, number + 1);
        if (!await store.PutAsync(name, Note(isOver: false), ifAbsent: true, cancellationToken) || await store.FindAsync(name, cancellationToken) is not { } taken)
        {
            return null;
        }
        await foreach (var old in store.ListAsync(RetentionLayout.Turns(systemId), cancellationToken))
        {
            if (NumberOf(old.Key) <= number)
            {
                await store.DeleteAsync(old.Key, cancellationToken);
            }
        }
        return new RetentionTurn(store, systemId, number + 1, taken.ModifiedAt, clock);
    }

    /// <summary>Asked before every removal.</summary>
    public async Task<bool> IsMineAsync(CancellationToken cancellationToken)
    {
        var (_, number) = await NewestAsync(_store, _systemId, cancellationToken);
        if (number != _number || _clock.GetElapsedTime(_renewedAt) > Lasts)
        {
            return false;
        }
        if (_clock.GetElapsedTime(_renewedAt) > Lasts / 5)
        {
            await _store.PutAsync(NameOf(_systemId, _number), Note(isOver: false), ifAbsent: false, cancellationToken);
            _renewedAt = _clock.GetTimestamp();
        }
        return true;
    }

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (await IsMineAsync(cancellationToken))
        {
            await _store.PutAsync(NameOf(_systemId, _number), Note(isOver: true), ifAbsent: false, cancellationToken);
        }
    }

    private static async Task<(StoredObject? Object, long Number)> NewestAsync(IObjectStore store, string systemId, CancellationToken cancellationToken)
    {
        (StoredObject? Object, long Number) newest = (null, 0);
        await foreach (var found in store.ListAsync(RetentionLayout.Turns(systemId), cancellationToken))
        {
            newest = NumberOf(found.Key) > newest.Number ? (found, NumberOf(found.Key)) : newest;
        }
        return newest;
    }

    private static async Task<bool> IsOverAsync(IObjectStore store, StoredObject turn, string systemId, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(turn.Key, cancellationToken) is not { } bytes || JsonSerializer.Deserialize<TurnNote>(bytes, RecoveryJson.Options)!.IsOver)
        {
            return true;
        }
        return await StoreClock.ReadAsync(store, systemId, clock, cancellationToken) - turn.ModifiedAt > Lasts * 2;
    }

    private static byte[] Note(bool isOver) => JsonSerializer.SerializeToUtf8Bytes(new TurnNote($"{Environment.MachineName}/{Environment.ProcessId}", isOver), RecoveryJson.Options);

    // Padded, so that the order of names is the order of numbers.
    private static string NameOf(string systemId, long number) => $"{RetentionLayout.Turns(systemId)}{number.ToString("D10", CultureInfo.InvariantCulture)}.json";

    private static long NumberOf(string key) => long.TryParse(Path.GetFileNameWithoutExtension(key), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private sealed record TurnNote(string Holder, bool IsOver);
}

/// <summary>The store's own clock, by which ages in it are measured.</summary>
internal static class StoreClock
{
    public static async Task<DateTimeOffset> ReadAsync(IObjectStore store, string systemId, TimeProvider clock, CancellationToken cancellationToken)
    {
        var name = $"{systemId}/leases/clock-{clock.GetUtcNow().ToUnixTimeMilliseconds()}-{Guid.NewGuid():N}";
        await store.PutAsync(name, "{}"u8.ToArray(), ifAbsent: true, cancellationToken);
        var found = await store.FindAsync(name, cancellationToken);
        await store.DeleteAsync(name, cancellationToken);
        return found?.ModifiedAt ?? throw new StoreException(store.Name, $"{name} is gone after it was written", isTransient: true);
    }
}
