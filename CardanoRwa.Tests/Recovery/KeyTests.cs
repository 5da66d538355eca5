using CardanoRwa.Recovery.Keys;
using CardanoRwa.Storage;
using CsCheck;

namespace CardanoRwa.Tests.Recovery;

public sealed class KeyTests
{
    private readonly MemoryStore _store = new();
    private readonly Identity _daily = Identity.New();
    private readonly Identity _paper = Identity.New();

    [Fact]
    public async Task Either_recipient_opens_what_a_worker_without_private_keys_sealed()
    {
        var id = await CreateAsync();

        using var byDaily = Opened(await Ring([_daily]).OpenAsync(id, default));
        using var byPaper = Opened(await Ring([Identity.FromPaper(_paper.ToPaper()).Value!]).OpenAsync(id, default));

        Assert.Equal(id, byDaily.Id);
        Assert.Equal(byDaily.Authenticate([1]), byPaper.Authenticate([1]));
        Assert.Equal("key.no-identity", (await Ring([]).OpenAsync(id, default)).Refusal!.Code);
    }

    [Fact]
    public async Task Stranger_is_refused_with_the_recipients_named()
    {
        var id = await CreateAsync();
        using var stranger = Identity.New();

        var refusal = (await Ring([stranger]).OpenAsync(id, default)).Refusal!;

        Assert.Equal("key.wrong", refusal.Code);
        Assert.Contains(_daily.Recipient.Id, refusal.Detail, StringComparison.Ordinal);
        Assert.Contains(stranger.Recipient.Id, refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_key_object_is_told_from_a_wrong_key()
    {
        Assert.Equal("key.lost", (await Ring([_daily]).OpenAsync(new string('0', 32), default)).Refusal!.Code);
        _store.IsDown = true;
        await Assert.ThrowsAsync<StoreException>(() => Ring([_daily]).OpenAsync(new string('0', 32), default));
    }

    [Fact]
    public async Task Rotation_wraps_for_the_new_recipients_and_shuts_the_old_one_out()
    {
        var ids = new[] { await CreateAsync(), await CreateAsync() };
        using var next = Identity.New();

        var count = Opened(await Ring([_daily]).RewrapAsync([next.Recipient, _paper.Recipient], default));

        Assert.Equal(2, count);
        foreach (var id in ids)
        {
            using var key = Opened(await Ring([next]).OpenAsync(id, default));
            Assert.Equal("key.wrong", (await Ring([_daily]).OpenAsync(id, default)).Refusal!.Code);
        }
        Assert.Equal(0, Opened(await Ring([next]).RewrapAsync([_paper.Recipient, next.Recipient], default)));
        Assert.Equal(4, _store.Objects.Keys.Count(k => k.StartsWith("keys/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rotation_without_a_key_that_opens_changes_nothing()
    {
        await CreateAsync();
        using var stranger = Identity.New();

        Assert.Equal("key.wrong", (await Ring([stranger]).RewrapAsync([stranger.Recipient], default)).Refusal!.Code);

        Assert.Single(_store.Objects);
    }

    [Fact]
    public async Task Check_says_which_data_keys_open_and_which_hang_on_one_recipient()
    {
        var id = await CreateAsync();
        using var single = await new KeyRing([_store], [_daily.Recipient], [], TimeProvider.System).CreateAsync((_, e) => throw e, default);

        var report = await Ring([_paper]).CheckAsync(default);

        Assert.Equal([$"memory:{id}"], report.Opened);
        Assert.Equal([$"memory:{single.Id}"], report.Unopened);
        Assert.Equal([$"memory:{single.Id}"], report.SingleRecipient);
    }

    [Fact]
    public void Paper_key_reads_back_in_any_case_and_spacing() => Gen.Byte.Array[32].Sample(secret =>
    {
        var text = PaperKey.Write(secret);
        Assert.Equal(secret, PaperKey.Read(text).Value);
        Assert.Equal(secret, PaperKey.Read(text.ToLowerInvariant().Replace('-', ' ').Replace('0', 'o').Replace('1', 'l')).Value);
    });

    [Fact]
    public void Any_single_slip_on_paper_is_found_in_its_group() => Gen.Select(Gen.Byte.Array[32], Gen.Int[0, 69], Gen.Char["0123456789ABCDEFGHJKMNPQRSTVWXYZ"]).Sample((secret, at, other) =>
    {
        var signs = PaperKey.Write(secret).Replace("-", "", StringComparison.Ordinal).ToCharArray();
        if (signs[at] != other)
        {
            signs[at] = other;
            var refusal = PaperKey.Read(new string(signs)).Refusal!;
            Assert.Equal("key.mistyped", refusal.Code);
            Assert.Contains($"group {at / 5 + 1} ", refusal.Detail, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void Swapped_signs_and_swapped_groups_are_found() => Gen.Select(Gen.Byte.Array[32], Gen.Int[0, 68], Gen.Int[0, 12]).Sample((secret, at, group) =>
    {
        var text = PaperKey.Write(secret);
        var signs = text.Replace("-", "", StringComparison.Ordinal).ToCharArray();
        var before = new string(signs);
        (signs[at], signs[at + 1]) = (signs[at + 1], signs[at]);
        Assert.Equal(before == new string(signs), PaperKey.Read(new string(signs)).Refusal is null);

        var groups = text.Split('-');
        (groups[group], groups[group + 1]) = (groups[group + 1], groups[group]);
        Assert.NotNull(PaperKey.Read(string.Join('-', groups)).Refusal);
    });

    [Fact]
    public async Task Key_file_reads_back_is_private_and_is_never_replaced()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("keys").FullName, "identity");
        Assert.Equal(path, (await _daily.SaveAsync(path, default)).Value);

        using var loaded = Opened(await Identity.LoadAsync(path, default));

        Assert.Equal(_daily.Recipient.Id, loaded.Recipient.Id);
        Assert.Equal("key.exists", (await _paper.SaveAsync(path, default)).Refusal!.Code);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Equal("key.no-file", (await Identity.LoadAsync(path + "x", default)).Refusal!.Code);
        await File.WriteAllTextAsync(path, "# nothing");
        Assert.Equal("key.damaged-file", (await Identity.LoadAsync(path, default)).Refusal!.Code);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void Recipient_reads_back_and_a_point_off_the_curve_is_refused()
    {
        var text = _daily.Recipient.ToString();

        Assert.Equal(_daily.Recipient.Id, Recipient.Parse($" {text}\n").Value!.Id);
        Assert.Equal("key.recipient", Recipient.Parse(text[..^4] + (text.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA")).Refusal!.Code);
        Assert.Equal("key.recipient", Recipient.Parse("age1nonsense").Refusal!.Code);
    }

    private KeyRing Ring(IReadOnlyList<Identity> identities) => new([_store], [_daily.Recipient, _paper.Recipient], identities, TimeProvider.System);

    private async Task<string> CreateAsync()
    {
        using var key = await Ring([]).CreateAsync((_, e) => throw e, default);
        return key.Id;
    }

    private static T Opened<T>(CardanoRwa.Recovery.Outcome<T> outcome)
    {
        Assert.False(outcome.IsRefused(out var refusal, out var value), refusal?.Detail);
        return value;
    }
}
