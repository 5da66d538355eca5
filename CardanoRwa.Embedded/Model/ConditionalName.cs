using System.IO.Hashing;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The stable manifest name of a conditional expression, such as <c>cond-cache-bindings-tcp-tlsenabled-3eddb73a</c>.</summary>
internal static class ConditionalName
{
    public static string For(IValueProvider condition, string matchValue, ReferenceExpression whenTrue, ReferenceExpression whenFalse)
    {
        var expression = (condition as IManifestExpressionProvider)?.ValueExpression;
        var words = expression is null ? "" : Words(expression);

        var hash = new XxHash32();
        foreach (var part in new[] { expression ?? condition.GetType().Name, whenTrue.ValueExpression, whenFalse.ValueExpression, matchValue })
            hash.Append(Encoding.UTF8.GetBytes(part));

        return $"cond-{(words.Length > 0 ? words : "expr")}-{Convert.ToHexStringLower(hash.GetCurrentHash())}";
    }

    private static string Words(string expression)
    {
        var name = new StringBuilder(expression.Length);
        foreach (var c in expression)
        {
            if (char.IsLetterOrDigit(c))
                name.Append(char.ToLowerInvariant(c));
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
        }

        return name.ToString().TrimEnd('-');
    }
}
