using System.Text;

namespace CardanoRwa.Core.Imports;

/// <summary>Reads lines of bounded length, so that a file without line ends cannot fill the memory.</summary>
internal sealed class LineReader(TextReader reader, int longest)
{
    private readonly char[] _buffer = new char[16 * 1024];
    private int _start;
    private int _end;

    /// <returns>A line without its end; null after the last.</returns>
    /// <exception cref="InvalidDataException">A line is longer than allowed.</exception>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        StringBuilder? parts = null;
        while (true)
        {
            if (_start == _end)
            {
                _start = 0;
                _end = await reader.ReadAsync(_buffer, cancellationToken);
                if (_end == 0)
                {
                    return parts?.ToString();
                }
            }
            var newline = _buffer.AsSpan(_start, _end - _start).IndexOf('\n');
            var length = newline < 0 ? _end - _start : newline;
            parts ??= new StringBuilder(length);
            if (parts.Length + length > longest)
            {
                throw new InvalidDataException($"A line is longer than {longest} characters.");
            }
            parts.Append(_buffer, _start, length);
            _start += length;
            if (newline >= 0)
            {
                _start++;
                return parts.ToString().TrimEnd('\r');
            }
        }
    }
}
