namespace CardanoRwa.Core.Writes;

/// <summary>Who changes the registry and when, and the ids the change will use: fixed before the first attempt, so that a repeated attempt is the same change.</summary>
public sealed record ChangeStamp(string Actor, DateTimeOffset At, Guid EntityId, Guid AuditId)
{
    /// <summary>The day of the change, UTC.</summary>
    public DateOnly Today => DateOnly.FromDateTime(At.UtcDateTime);

    public static ChangeStamp Create(string actor, TimeProvider clock)
    {
        var now = Microseconds(clock.GetUtcNow());
        return new ChangeStamp(actor, now, Guid.CreateVersion7(now), Guid.CreateVersion7(now));
    }

    /// <summary>Postgres keeps microseconds; what is answered must equal what is later read.</summary>
    public static DateTimeOffset Microseconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMicrosecond), time.Offset);
}
