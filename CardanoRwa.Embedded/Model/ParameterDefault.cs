using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();
}

public sealed class GenerateParameterDefault : ParameterDefault
{
    /// <summary>22 of 67 possible characters carry 128 bits.</summary>
    public int MinLength { get; set; } = 22;

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public int MinLower { get; set; }

    public int MinUpper { get; set; }

    public int MinNumeric { get; set; }

    public int MinSpecial { get; set; }

    public override string GetDefaultValue()
    {
        // No look-alikes (l, I, O, 0 ...) and no special character that a shell or a connection string would need quoted.
        (bool Use, int Min, string Characters)[] classes =
        [
            (Lower, MinLower, "abcdefghjkmnpqrstuvwxyz"),
            (Upper, MinUpper, "ABCDEFGHJKMNPQRSTUVWXYZ"),
            (Numeric, MinNumeric, "0123456789"),
            (Special, MinSpecial, "-_.{}~()*+!"),
        ];
        var required = classes.Where(c => c.Use).SelectMany(c => RandomNumberGenerator.GetItems<char>(c.Characters, c.Min)).ToList();
        var any = string.Concat(classes.Where(c => c.Use).Select(c => c.Characters));
        if (any.Length == 0)
            throw new ArgumentException("At least one class of characters must be allowed.");

        var value = required.Concat(RandomNumberGenerator.GetItems<char>(any, Math.Max(0, MinLength - required.Count))).ToArray();
        RandomNumberGenerator.Shuffle(value.AsSpan());
        return new string(value);
    }
}

internal sealed class ConstantParameterDefault(Func<string> valueGetter) : ParameterDefault
{
    private readonly Lazy<string> _value = new(valueGetter);

    public override string GetDefaultValue() => _value.Value;
}

/// <summary>A default that is made once and then kept beside the AppHost's data, so that a password outlives the run.</summary>
internal sealed class PersistedParameterDefault(string key, ParameterDefault inner, Func<string, Func<string>, string> getOrAdd) : ParameterDefault
{
    public ParameterDefault Inner => inner;

    public override string GetDefaultValue() => getOrAdd(key, inner.GetDefaultValue);
}
