using System.Text;
using CardanoRwa.Core.Evidence;

namespace CardanoRwa.Tests.Evidence;

public sealed class MediaTypesTests
{
    private const string Word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    [Theory]
    [InlineData("application/pdf", "%PDF-1.7\n%âãÏÓ", null)]
    [InlineData("application/pdf", "PK\u0003\u0004", "media_type_mismatch")]
    [InlineData("image/png", "\u0089PNG\r\n\u001a\n", null)]
    [InlineData("image/png", "GIF89a", "media_type_mismatch")]
    [InlineData("image/jpeg", "ÿØÿà", null)]
    [InlineData("image/gif", "GIF89a", null)]
    [InlineData("image/webp", "RIFF\0\0\0\0WEBPVP8 ", null)]
    [InlineData("image/webp", "RIFF\0\0\0\0WAVEfmt ", "media_type_mismatch")]
    [InlineData("application/json", " {\"a\":1}", null)]
    [InlineData("application/json", "hello", "media_type_mismatch")]
    [InlineData("text/csv", "a,b\r\n1,2\r\n", null)]
    [InlineData("text/csv", "a\0b", "media_type_mismatch")]
    [InlineData("text/plain", "ÿþ", "media_type_mismatch")]
    [InlineData("application/xml", "<?xml version=\"1.0\"?><deed/>", null)]
    [InlineData("application/xml", "<?xml version=\"1.0\"?><!-- x --><SVG onload=\"alert(1)\"/>", "content_refused")]
    [InlineData("text/plain", "  <!DOCTYPE HTML><p>", "content_refused")]
    [InlineData("text/csv", "<!-- --><ScRiPt>alert(1)</script>", "content_refused")]
    [InlineData("application/pdf", "MZ\u0090\0", "content_refused")]
    [InlineData("application/zip", "\u007fELF\u0002", "content_refused")]
    [InlineData("text/plain", "#!/bin/sh\n", "content_refused")]
    [InlineData("image/png", "Ïúíþ", "content_refused")]
    [InlineData("application/zip", "\0asm\u0001\0\0\0", "content_refused")]
    public void Content_is_taken_only_as_what_it_is(string mediaType, string latin1, string? code) =>
        Assert.Equal(code, MediaTypes.Check(mediaType, Encoding.Latin1.GetBytes(latin1))?.Code);

    [Theory]
    [InlineData("application/zip", "deed.pdf", null)]
    [InlineData("application/zip", "META-INF/MANIFEST.MF", "content_refused")]
    [InlineData(Word, "[Content_Types].xml", null)]
    [InlineData(Word, "deed.pdf", "media_type_mismatch")]
    public void Archive_is_judged_by_its_first_entry(string mediaType, string entry, string? code)
    {
        var header = new byte[30];
        "PK\x3\x4"u8.CopyTo(header);
        header[26] = (byte)entry.Length;

        Assert.Equal(code, MediaTypes.Check(mediaType, [.. header, .. Encoding.ASCII.GetBytes(entry), 1, 2, 3])?.Code);
    }

    [Fact]
    public void Character_cut_off_by_the_sample_is_no_fault()
    {
        var text = Encoding.UTF8.GetBytes(new string('a', MediaTypes.Sniffed - 1) + "é");

        Assert.Null(MediaTypes.Check("text/plain", text.AsSpan(0, MediaTypes.Sniffed)));
    }
}
