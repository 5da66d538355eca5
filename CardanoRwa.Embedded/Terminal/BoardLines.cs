using System.Threading.Channels;

namespace CardanoRwa.Embedded.Terminal;

/// <summary>Lines on their way to the terminal, in the order they were written by whichever thread.</summary>
internal sealed class BoardLines
{
    private readonly Channel<(string Source, string Text, bool IsError)> _lines = Channel.CreateUnbounded<(string, string, bool)>();

    public void Add(string source, string text, bool isError = false) => _lines.Writer.TryWrite((source, text, isError));

    public void Complete() => _lines.Writer.TryComplete();

    public IAsyncEnumerable<(string Source, string Text, bool IsError)> ReadAllAsync() => _lines.Reader.ReadAllAsync();

    public bool TryRead(out (string Source, string Text, bool IsError) line) => _lines.Reader.TryRead(out line);
}
