using System.Buffers.Binary;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Storage;
using CsCheck;

namespace CardanoRwa.Tests.Recovery;

public sealed class SealedObjectTests
{
    private const int Frame = 1 << 20;
    private readonly MemoryStore _store = new();
    private readonly DataKey _key = DataKey.New();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Frame - 1)]
    [InlineData(Frame)]
    [InlineData(Frame + 1)]
    [InlineData(3 * Frame)]
    public async Task Object_of_any_length_reads_back_as_written(int length)
    {
        foreach (var (compression, bytes) in new[] { (SealedCompression.None, Noise(length)), (SealedCompression.Zstd, Noise(length)), (SealedCompression.Zstd, Text(length)) })
        {
            var written = await WriteAsync("a/b", bytes, compression);

            Assert.Equal(length, written.PlainLength);
            Assert.Equal(_store.Objects["a/b"].Length, written.StoredLength);
            Assert.Equal(written.StoredLength, SealedHeader.Length + written.Frames.Sum(f => (long)f));
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(_store.Objects["a/b"])), written.Sha256);
            Assert.Equal(bytes, await ReadAsync("a/b"));
        }
    }

    [Fact]
    public async Task Any_range_of_frames_opens_without_those_before_it()
    {
        var bytes = Text(3 * Frame + 17);
        var written = await WriteAsync("a", bytes, SealedCompression.Zstd);
        var stored = _store.Objects["a"];
        using var frames = new FrameReader("a", _key, SealedHeader.Parse(stored, "a"), firstFrame: 2);

        using var rest = new MemoryStream(stored[(SealedHeader.Length + written.Frames.Take(2).Sum())..]);

        Assert.Equal(bytes[(2 * Frame)..(3 * Frame)], (await frames.ReadAsync(rest, default))!.Value.ToArray());
        Assert.Equal(bytes[(3 * Frame)..], (await frames.ReadAsync(rest, default))!.Value.ToArray());
        Assert.Null(await frames.ReadAsync(rest, default));
    }

    [Fact]
    public async Task Flipped_bit_anywhere_is_found()
    {
        var bytes = Text(2 * Frame + 100);
        await WriteAsync("a", bytes, SealedCompression.Zstd);
        var whole = _store.Objects["a"];

        await Gen.Int[0, whole.Length * 8 - 1].SampleAsync(async bit =>
        {
            var altered = (byte[])whole.Clone();
            altered[bit / 8] ^= (byte)(1 << bit % 8);
            await AssertDamagedAsync("a", altered);
        }, iter: 300);
        // Sampling seldom hits these few: the header, and the head of the first frame.
        for (var bit = 0; bit < (SealedHeader.Length + 4) * 8; bit++)
        {
            var altered = (byte[])whole.Clone();
            altered[bit / 8] ^= (byte)(1 << bit % 8);
            await AssertDamagedAsync("a", altered);
        }
    }

    [Fact]
    public async Task Truncation_anywhere_is_found()
    {
        var written = await WriteAsync("a", Text(2 * Frame + 100), SealedCompression.Zstd);
        var whole = _store.Objects["a"];
        var ends = written.Frames.Aggregate(new List<int> { SealedHeader.Length }, (all, length) => [.. all, all[^1] + length]);

        foreach (var length in ends.SkipLast(1).Concat([0, 1, SealedHeader.Length - 1]))
        {
            var fault = await AssertDamagedAsync("a", whole[..length]);
            Assert.Equal(DamageKind.Truncated, fault.Kind);
        }
        await Gen.Int[0, whole.Length - 1].SampleAsync(length => AssertDamagedAsync("a", whole[..length]), iter: 200);
    }

    [Fact]
    public async Task Appended_bytes_and_frames_are_found()
    {
        var written = await WriteAsync("a", Text(2 * Frame), SealedCompression.Zstd);
        var whole = _store.Objects["a"];

        Assert.Equal(DamageKind.Appended, (await AssertDamagedAsync("a", [.. whole, 0])).Kind);
        Assert.Equal(DamageKind.Appended, (await AssertDamagedAsync("a", [.. whole, .. whole[^written.Frames[^1]..]])).Kind);
        // The final flag taken off, so that a further frame would be read.
        var open = (byte[])whole.Clone();
        var at = whole.Length - written.Frames[^1];
        BinaryPrimitives.WriteUInt32BigEndian(open.AsSpan(at), BinaryPrimitives.ReadUInt32BigEndian(open.AsSpan(at)) & 0x7fffffff);
        await AssertDamagedAsync("a", [.. open, .. whole[at..]]);
    }

    [Fact]
    public async Task Frames_in_another_order_or_left_out_or_of_another_object_are_found()
    {
        var written = await WriteAsync("a", Text(4 * Frame), SealedCompression.Zstd);
        var other = await WriteAsync("b", Text(4 * Frame), SealedCompression.Zstd);
        var (a, b) = (Split("a", written), Split("b", other));

        await AssertDamagedAsync("a", [.. a[0], .. a[2], .. a[1], .. a[3], .. a[4], .. a[5]]);
        await AssertDamagedAsync("a", [.. a[0], .. a[1], .. a[3], .. a[4], .. a[5]]);
        await AssertDamagedAsync("a", [.. a[0], .. a[1], .. b[2], .. a[3], .. a[4], .. a[5]]);
        await AssertDamagedAsync("a", [.. b[0], .. a[1], .. a[2], .. a[3], .. a[4], .. a[5]]);
    }

    [Fact]
    public async Task Object_under_another_name_does_not_open()
    {
        await WriteAsync("a", Text(10), SealedCompression.Zstd);

        var fault = await AssertDamagedAsync("b", _store.Objects["a"]);

        Assert.Equal(DamageKind.Altered, fault.Kind);
    }

    [Fact]
    public async Task Other_data_key_is_named_as_the_cause()
    {
        await WriteAsync("a", Text(10), SealedCompression.None);
        using var other = DataKey.New();

        var fault = await Assert.ThrowsAsync<DamagedObjectException>(() => SealedStream.OpenAsync(_store, "a", other, default));

        Assert.Equal(DamageKind.OtherKey, fault.Kind);
        Assert.Contains(_key.Id, fault.Message, StringComparison.Ordinal);
        Assert.Equal(_key.Id, await SealedStream.PeekKeyIdAsync(_store, "a", default));
    }

    [Fact]
    public async Task Store_that_fails_is_left_out_and_the_others_get_the_object()
    {
        MemoryStore good = new("good"), bad = new("bad") { OnWrite = key => new StoreException("bad", $"no room for {key}", isTransient: false) };
        List<string> failed = [];
        await using var writer = new SealedWriter("a", _key, SealedCompression.Zstd, await FanoutUpload.CreateAsync([bad, good], "a", (s, _) => failed.Add(s.Name), default));
        await writer.WriteAsync(Text(3 * Frame), default);

        Assert.NotNull(await writer.CompleteAsync(ifAbsent: true, default));

        Assert.Equal(["bad"], failed);
        Assert.Empty(bad.Objects);
        await using var read = await SealedStream.OpenAsync(good, "a", _key, default);
        Assert.Equal(Text(3 * Frame), await DrainAsync(read!));
    }

    [Fact]
    public async Task Name_that_is_taken_is_not_replaced()
    {
        await WriteAsync("a", Text(10), SealedCompression.Zstd);
        await using var writer = new SealedWriter("a", _key, SealedCompression.Zstd, await _store.CreateAsync("a", default));

        Assert.Null(await writer.CompleteAsync(ifAbsent: true, default));

        Assert.Equal(Text(10), await ReadAsync("a"));
    }

    private List<byte[]> Split(string name, SealedObject written)
    {
        var (bytes, at) = (_store.Objects[name], SealedHeader.Length);
        List<byte[]> pieces = [bytes[..at]];
        foreach (var length in written.Frames)
        {
            pieces.Add(bytes[at..(at + length)]);
            at += length;
        }
        return pieces;
    }

    private async Task<SealedObject> WriteAsync(string name, byte[] bytes, SealedCompression compression)
    {
        await using var writer = new SealedWriter(name, _key, compression, await _store.CreateAsync(name, default));
        await writer.WriteAsync(bytes, default);
        return (await writer.CompleteAsync(ifAbsent: false, default))!;
    }

    private async Task<byte[]> ReadAsync(string name)
    {
        await using var stream = await SealedStream.OpenAsync(_store, name, _key, default);
        return await DrainAsync(stream!);
    }

    private async Task<DamagedObjectException> AssertDamagedAsync(string name, byte[] stored) => await Assert.ThrowsAsync<DamagedObjectException>(async () =>
    {
        await using var stream = await SealedStream.OpenAsync(name, _key, new MemoryStream(stored), default);
        await DrainAsync(stream);
    });

    private static async Task<byte[]> DrainAsync(Stream stream)
    {
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Text(int length)
    {
        var bytes = Noise(length);
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)('a' + bytes[i] % 3);
        }
        return bytes;
    }
}
