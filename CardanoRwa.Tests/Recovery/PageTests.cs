using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Restore;
using CsCheck;

namespace CardanoRwa.Tests.Recovery;

public sealed class PageTests
{
    [Fact]
    public async Task Checksums_agree_with_those_of_postgres_whatever_the_page()
    {
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync("CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 20000) i; CREATE INDEX ON t (md5)");
        await source.StopAsync();

        var pages = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(source.Data, "base"), "*", SearchOption.AllDirectories))
        {
            if (FileRules.Relation(Path.GetRelativePath(source.Data, file)) is null)
            {
                continue;
            }
            var bytes = await File.ReadAllBytesAsync(file);
            for (var block = 0u; block < bytes.Length / 8192; block++, pages++)
            {
                var page = bytes.AsMemory((int)block * 8192, 8192);
                Assert.True(PageChecksum.IsRight(page.Span, block), $"{file} block {block}");
                Assert.True(PageChecksum.IsNew(page.Span) || !PageChecksum.IsRight(page.Span, block + 131072), "The page's number counts, beyond the first gigabyte too.");
            }
        }
        Assert.True(pages > 1000);
    }

    [Fact]
    public void Any_changed_byte_of_a_page_is_found() => Gen.Select(Gen.Byte.Array[8192], Gen.Int[0, 8191], Gen.Byte[1, 255], Gen.UInt).Sample((page, at, flip, block) =>
    {
        page[15] |= 1;
        PageChecksum.Set(page, block);
        Assert.True(PageChecksum.IsRight(page, block));
        page[at] ^= flip;
        // Only where the sums of both happen to be alike, one time in 65,535.
        Assert.True(!PageChecksum.IsRight(page, block) || at is not (8 or 9));
    });

    [Theory]
    [InlineData("base/5/16384", 1663, 5, 16384, "main", 0)]
    [InlineData("base/5/16384.12", 1663, 5, 16384, "main", 12)]
    [InlineData("base/5/16384_vm.1", 1663, 5, 16384, "vm", 1)]
    [InlineData("global/1262_fsm", 1664, 0, 1262, "fsm", 0)]
    [InlineData("pg_tblspc/777/PG_15_202209061/5/9_init", 777, 5, 9, "init", 0)]
    public void Relation_is_read_from_a_path(string path, uint tablespace, uint database, uint number, string fork, uint segment) =>
        Assert.Equal(new RelationFile(tablespace, database, number, fork, segment), FileRules.Relation(path));

    [Theory]
    [InlineData("base/5/PG_VERSION")]
    [InlineData("global/pg_control")]
    [InlineData("pg_xact/0000")]
    [InlineData("base/5/t3_16384")]
    public void Other_files_are_no_relations(string path) => Assert.Null(FileRules.Relation(path));

    [Theory]
    [InlineData("postmaster.pid")]
    [InlineData("base/5/t3_16384.1")]
    [InlineData("base/5/pg_internal.init")]
    [InlineData("base/pgsql_tmp/pgsql_tmp12.0")]
    [InlineData("global/pg_control")]
    public void What_the_manual_says_to_leave_out_is_left_out(string path) => Assert.True(FileRules.IsSkipped(path));

    [Fact]
    public void Tablespace_map_with_odd_names_reads_back() => Gen.Select(Gen.UInt, Gen.String[Gen.Char["/a b\\\n\r'"], 1, 12]).Array[0, 3].Sample(spaces =>
    {
        var given = spaces.Select(s => (s.Item1.ToString(System.Globalization.CultureInfo.InvariantCulture), s.Item2)).ToList();
        Assert.Equal(given, TablespaceMap.Parse(TablespaceMap.Write(given)));
    });
}
