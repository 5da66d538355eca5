using System.Collections.Concurrent;

namespace CardanoRwa.Recovery.Format;

/// <summary>zstd of one buffer into another, by the native library or, on a machine that it was not built for, by the managed port.</summary>
internal abstract class Zstd : IDisposable
{
    public const int Level = 1;

    // A context costs about a megabyte to make, a part of WAL is made twice a second.
    private static readonly ConcurrentBag<Zstd> Idle = [];
    private static readonly Lazy<bool> IsNative = new(Probe);

    public static Zstd Rent() => Idle.TryTake(out var idle) ? idle : IsNative.Value ? new Native() : new Managed();

    public static void Return(Zstd codec)
    {
        if (Idle.Count < Environment.ProcessorCount * 2)
        {
            Idle.Add(codec);
        }
        else
        {
            codec.Dispose();
        }
    }

    /// <summary>Null when the result would not fit: the bytes do not compress.</summary>
    public abstract int? Pack(ReadOnlySpan<byte> from, Span<byte> to);

    /// <summary>Null when the bytes are no zstd frame or give more than fits.</summary>
    public abstract int? Unpack(ReadOnlySpan<byte> from, Span<byte> to);

    public abstract void Dispose();

    private static bool Probe()
    {
        try
        {
            new ZstdNet.Compressor().Dispose();
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            return false;
        }
    }

    private sealed class Native : Zstd
    {
        private readonly ZstdNet.CompressionOptions _options = new(Level);
        private readonly ZstdNet.Compressor _packer;
        private readonly ZstdNet.Decompressor _unpacker = new();

        public Native() => _packer = new ZstdNet.Compressor(_options);

        public override int? Pack(ReadOnlySpan<byte> from, Span<byte> to)
        {
            try
            {
                return _packer.Wrap(from, to);
            }
            catch (ZstdNet.ZstdException e) when (e.Code == ZstdNet.ZSTD_ErrorCode.ZSTD_error_dstSize_tooSmall)
            {
                return null;
            }
        }

        public override int? Unpack(ReadOnlySpan<byte> from, Span<byte> to)
        {
            try
            {
                return _unpacker.Unwrap(from, to, bufferSizePrecheck: false);
            }
            catch (ZstdNet.ZstdException)
            {
                return null;
            }
        }

        public override void Dispose()
        {
            _packer.Dispose();
            _unpacker.Dispose();
            _options.Dispose();
        }
    }

    private sealed class Managed : Zstd
    {
        private readonly ZstdSharp.Compressor _packer = new(Level);
        private readonly ZstdSharp.Decompressor _unpacker = new();

        public override int? Pack(ReadOnlySpan<byte> from, Span<byte> to) => _packer.TryWrap(from, to, out var written) ? written : null;

        public override int? Unpack(ReadOnlySpan<byte> from, Span<byte> to)
        {
            try
            {
                return _unpacker.TryUnwrap(from, to, out var written) ? written : null;
            }
            catch (ZstdSharp.ZstdException)
            {
                return null;
            }
        }

        public override void Dispose()
        {
            _packer.Dispose();
            _unpacker.Dispose();
        }
    }
}
