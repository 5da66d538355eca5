namespace Aspire.Hosting.ApplicationModel;

/// <summary>Resource and endpoint names end up in DNS names, variables and file paths, so they are kept plain.</summary>
internal static class ModelName
{
    private const int MaxLength = 64;

    public static void Validate(string what, string name)
    {
        if (Fault(name) is { } fault)
            throw new ArgumentException($"{what} name '{name}' is invalid. {fault}", nameof(name));
    }

    private static string? Fault(string name) => name switch
    {
        { Length: < 1 or > MaxLength } => $"Name must be between 1 and {MaxLength} characters long.",
        _ when name.Contains("--", StringComparison.Ordinal) => "Name cannot contain consecutive hyphens.",
        _ when !name.All(c => c == '-' || char.IsAsciiLetterOrDigit(c)) => "Name must contain only ASCII letters, digits, and hyphens.",
        _ when !char.IsAsciiLetter(name[0]) => "Name must start with an ASCII letter.",
        _ when name[^1] == '-' => "Name cannot end with a hyphen.",
        _ => null,
    };
}
