using System.Text;

namespace CardanoRwa.Recovery.Restore;

/// <summary>tablespace_map: one line for each, its OID and its place, with backslashes before backslashes and line ends.</summary>
internal static class TablespaceMap
{
    public static List<(string Oid, string Location)> Parse(string? text)
    {
        var spaces = new List<(string, string)>();
        var line = new StringBuilder();
        var isEscaped = false;
        foreach (var c in text ?? "")
        {
            if (c == '\n' && !isEscaped)
            {
                if (line.ToString().Split(' ', 2) is [var oid, var location])
                {
                    spaces.Add((oid, location));
                }
                line.Clear();
            }
            else if (c == '\\' && !isEscaped)
            {
                isEscaped = true;
                continue;
            }
            else
            {
                line.Append(c);
            }
            isEscaped = false;
        }
        return spaces;
    }

    public static string Write(IEnumerable<(string Oid, string Location)> spaces) => string.Concat(spaces.Select(s =>
        $"{s.Oid} {s.Location.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\\n", StringComparison.Ordinal).Replace("\r", "\\\r", StringComparison.Ordinal)}\n"));
}
