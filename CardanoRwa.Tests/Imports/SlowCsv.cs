using System.Text;

namespace CardanoRwa.Tests.Imports;

/// <summary>A file whose sender pauses after some rows until told to go on.</summary>
internal sealed class SlowCsv(string idPrefix, int rowsBeforeStall) : Stream
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _resume = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _rows = -1;

    /// <summary>Completes when the rows before the pause have been taken.</summary>
    public Task Stalled => _stalled.Task;

    public void Resume() => _resume.TrySetResult();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rows == rowsBeforeStall)
        {
            _stalled.TrySetResult();
            await _resume.Task.WaitAsync(cancellationToken);
        }
        if (_rows == rowsBeforeStall + 1_000)
        {
            return 0;
        }
        var line = _rows < 0 ? "id,date,price,zipcode\n" : $"{_rows},5/2/2015,{100 + _rows},{idPrefix[..5]}\n";
        _rows++;
        return Encoding.UTF8.GetBytes(line, buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
