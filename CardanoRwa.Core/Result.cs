using System.Diagnostics.CodeAnalysis;

namespace CardanoRwa.Core;

public enum RefusalKind
{
    Invalid,
    NotFound,
    Conflict,
    PreconditionFailed,
    PreconditionRequired,
    Forbidden,
    Unprocessable,
}

/// <summary>An expected 'no': what it is about (a stable code), what was wrong, and what to do next.</summary>
public sealed record Refusal(RefusalKind Kind, string Code, string Detail, string Hint)
{
    /// <summary>Faults by field, for input that was refused.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}

/// <summary>A value or the reason why there is none.</summary>
public readonly struct Result<T>
{
    private Result(T? value, Refusal? refusal) => (Value, Refusal) = (value, refusal);

    public T? Value { get; }
    public Refusal? Refusal { get; }

    public bool IsRefused([NotNullWhen(true)] out Refusal? refusal, [NotNullWhen(false)] out T? value)
    {
        (refusal, value) = (Refusal, Value);
        return refusal is not null;
    }

    public static implicit operator Result<T>(T value) => new(value, null);
    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal);
}
