namespace Aspire.Hosting;

internal static class EnvironmentName
{
    /// <summary>The name with everything a shell would not take as a variable replaced by an underscore.</summary>
    public static string Encode(string name)
    {
        var encoded = string.Create(name.Length, name, (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
                target[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
        });
        return encoded.Length > 0 && char.IsAsciiDigit(encoded[0]) ? $"_{encoded}" : encoded;
    }
}
