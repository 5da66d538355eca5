using System.Buffers.Binary;
using System.Text;

namespace CardanoRwa.Core.Evidence;

/// <summary>
/// Which documents are taken, and whether their first bytes are what their type says. What could run where it is opened
/// (programs, scripts, HTML, SVG) is refused whatever it calls itself.
/// </summary>
public static class MediaTypes
{
    /// <summary>Bytes of the beginning that are looked at.</summary>
    public const int Sniffed = 4096;

    private const string Office = "application/vnd.openxmlformats-officedocument.";

    private static readonly Dictionary<string, Func<ReadOnlySpan<byte>, bool>> Known = new(StringComparer.Ordinal)
    {
        ["application/pdf"] = static b => b[..Math.Min(b.Length, 1024)].IndexOf("%PDF-"u8) >= 0,
        ["image/png"] = static b => b.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]),
        ["image/jpeg"] = static b => b.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]),
        ["image/gif"] = static b => b.StartsWith("GIF87a"u8) || b.StartsWith("GIF89a"u8),
        ["image/webp"] = static b => b.Length >= 12 && b.StartsWith("RIFF"u8) && b[8..].StartsWith("WEBP"u8),
        ["image/tiff"] = static b => b.StartsWith((ReadOnlySpan<byte>)[(byte)'I', (byte)'I', 42, 0]) || b.StartsWith((ReadOnlySpan<byte>)[(byte)'M', (byte)'M', 0, 42]),
        ["application/zip"] = IsZip,
        [Office + "wordprocessingml.document"] = static b => IsOffice(b, "word/"u8),
        [Office + "spreadsheetml.sheet"] = static b => IsOffice(b, "xl/"u8),
        [Office + "presentationml.presentation"] = static b => IsOffice(b, "ppt/"u8),
        ["application/json"] = static b => Trimmed(b) is [(byte)'{' or (byte)'[' or (byte)'"' or (byte)'-' or (byte)'t' or (byte)'f' or (byte)'n' or (>= (byte)'0' and <= (byte)'9'), ..] && IsText(b),
        ["application/xml"] = static b => Trimmed(b) is [(byte)'<', ..] && IsText(b),
        ["text/xml"] = static b => Trimmed(b) is [(byte)'<', ..] && IsText(b),
        ["text/csv"] = IsText,
        ["text/plain"] = IsText,
        ["text/markdown"] = IsText,
    };

    public static IEnumerable<string> All => Known.Keys;

    public static bool IsTaken(string mediaType) => Known.ContainsKey(mediaType);

    /// <summary>Null when the beginning of a document is what its type says.</summary>
    public static Refusal? Check(string mediaType, ReadOnlySpan<byte> start)
    {
        if (Danger(start) is { } danger)
        {
            return new Refusal(RefusalKind.Unprocessable, "content_refused", $"The content is {danger}, which is not taken as evidence.", "Send the document itself, such as a PDF.");
        }
        return Known[mediaType](start)
            ? null
            : new Refusal(RefusalKind.Unprocessable, "media_type_mismatch", $"The content does not begin as {mediaType} does.", "Send the Content-Type that the bytes have.");
    }

    private static string? Danger(ReadOnlySpan<byte> b)
    {
        if (b.StartsWith("MZ"u8) || b.StartsWith("\x7f"u8) && b[1..].StartsWith("ELF"u8) || b.StartsWith("\0asm"u8) || b.StartsWith("dex\n"u8) || IsMachO(b))
        {
            return "a program";
        }
        if (b.StartsWith("#!"u8))
        {
            return "a script";
        }
        if (IsZip(b) && FirstEntry(b) is var entry && (entry.StartsWith("META-INF/"u8) || entry.StartsWith("AndroidManifest.xml"u8) || entry.StartsWith("classes"u8) && entry.EndsWith(".dex"u8)))
        {
            return "a program";
        }
        return IsMarkup(b) ? "HTML or SVG" : null;
    }

    private static bool IsMachO(ReadOnlySpan<byte> b) =>
        b.Length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(b) is 0xfeedface or 0xfeedfacf or 0xcefaedfe or 0xcffaedfe or 0xcafebabe or 0xbebafeca;

    private static bool IsMarkup(ReadOnlySpan<byte> b)
    {
        // Markup that a browser would take for HTML wherever the first tag stands, whatever comments come before it.
        Span<byte> lower = stackalloc byte[Math.Min(b.Length, Sniffed)];
        for (var i = 0; i < lower.Length; i++)
        {
            lower[i] = b[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(b[i] | 0x20) : b[i];
        }
        var start = Trimmed(lower);
        if (!start.StartsWith("<"u8))
        {
            return false;
        }
        foreach (var tag in (ReadOnlySpan<string>)["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<svg", "<!doctype svg", "<object", "<embed", "<style", "http-equiv"])
        {
            if (start.IndexOf(Encoding.ASCII.GetBytes(tag)) >= 0)
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsZip(ReadOnlySpan<byte> b) => b.StartsWith("PK\x3\x4"u8) || b.StartsWith("PK\x5\x6"u8);

    private static bool IsOffice(ReadOnlySpan<byte> b, ReadOnlySpan<byte> folder) =>
        IsZip(b) && FirstEntry(b) is var entry && (entry.StartsWith("[Content_Types].xml"u8) || entry.StartsWith("_rels/"u8) || entry.StartsWith("docProps/"u8) || entry.StartsWith(folder) || entry.SequenceEqual("mimetype"u8));

    /// <summary>The name in a ZIP's first local file header (APPNOTE 4.3.7).</summary>
    private static ReadOnlySpan<byte> FirstEntry(ReadOnlySpan<byte> b) =>
        b.Length >= 30 ? b[30..Math.Min(b.Length, 30 + BinaryPrimitives.ReadUInt16LittleEndian(b[26..]))] : [];

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> b) => (b.StartsWith("\uFEFF"u8) ? b[3..] : b).TrimStart(" \t\r\n"u8);

    /// <summary>UTF-8 without the control characters that text does not have; a character cut off at the end counts as whole.</summary>
    private static bool IsText(ReadOnlySpan<byte> b)
    {
        foreach (var c in b)
        {
            if (c is < 0x09 or (> 0x0d and < 0x20 and not 0x1b))
            {
                return false;
            }
        }
        var last = b.Length;
        for (var back = 1; back <= Math.Min(3, b.Length) && b.Length == Sniffed; back++)
        {
            if (b[^back] >= 0xc0)
            {
                last = b.Length - back;
                break;
            }
            if (b[^back] < 0x80)
            {
                break;
            }
        }
        return System.Text.Unicode.Utf8.IsValid(b[..last]);
    }
}
