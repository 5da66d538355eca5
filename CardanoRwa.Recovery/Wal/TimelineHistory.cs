using System.Globalization;
using System.Text;

namespace CardanoRwa.Recovery.Wal;

/// <summary>A history file: a line for each timeline left, as '1&lt;tab&gt;0/3000148&lt;tab&gt;reason'.</summary>
public static class TimelineHistory
{
    public static IReadOnlyList<TimelineSwitch> Parse(ReadOnlySpan<byte> file)
    {
        var switches = new List<TimelineSwitch>();
        foreach (var line in Encoding.UTF8.GetString(file).Split('\n'))
        {
            var fields = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 2 && uint.TryParse(fields[0], CultureInfo.InvariantCulture, out var timeline) && Lsn.TryParse(fields[1], out var at))
            {
                switches.Add(new TimelineSwitch(timeline, at));
            }
        }
        return switches;
    }
}
