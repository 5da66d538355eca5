using System.Diagnostics.CodeAnalysis;

namespace CardanoRwa.Recovery;

/// <summary>An expected 'no' of the recovery engine: a stable code, what was wrong, and what to do next.</summary>
public sealed record RecoveryRefusal(string Code, string Detail, string Hint);

/// <summary>A value or the reason why there is none.</summary>
public readonly struct Outcome<T>
{
    private Outcome(T? value, RecoveryRefusal? refusal) => (Value, Refusal) = (value, refusal);

    public T? Value { get; }
    public RecoveryRefusal? Refusal { get; }

    public bool IsRefused([NotNullWhen(true)] out RecoveryRefusal? refusal, [NotNullWhen(false)] out T? value)
    {
        (refusal, value) = (Refusal, Value);
        return refusal is not null;
    }

    public static implicit operator Outcome<T>(T value) => new(value, null);
    public static implicit operator Outcome<T>(RecoveryRefusal refusal) => new(default, refusal);
}
