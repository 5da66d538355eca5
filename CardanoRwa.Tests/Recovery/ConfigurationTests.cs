using CardanoRwa.Core.Configurations;
using CardanoRwa.Recovery.Configurations;
using CardanoRwa.Recovery.Format;
using Microsoft.Extensions.Configuration;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Copies of configurations and of the schema beside the backups.</summary>
public sealed class ConfigurationTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Secrets_stand_in_no_line_and_their_fingerprints_tell_one_from_another()
    {
        var settings = new Dictionary<string, string?>
        {
            ["PATH"] = "/machine-environment",
            ["ConnectionStrings:rwadb"] = "Host=db.example;Port=5433;Username=rwa;Password=secret-1;Database=main",
            ["ConnectionStrings:cache"] = "cache.example:6379,password=secret-2",
            ["Recovery:Stores:main:SecretKey"] = "secret-3",
            ["Recovery:Stores:main:Bucket"] = "backups",
            ["Recovery:Stores:main:Endpoint"] = "https://user:secret-4@store.example",
            ["Recovery:Recipients:0"] = "p256:public",
            ["Minting:Mnemonic"] = "secret-5",
            ["Minting:MnemonicFile"] = "/run/phrase",
            ["Chain:ProjectId"] = "secret-6",
            ["Chain:Url"] = "https://chain.example/api?token=secret-7",
            ["Unheard:Of"] = "secret-8",
            ["Webhooks:SealingKeys:0"] = "secret-9",
        };

        var lines = Lines(settings);

        Assert.DoesNotContain(lines, l => l.Contains("secret-", StringComparison.Ordinal) || l.Contains("machine-environment", StringComparison.Ordinal));
        Assert.Contains("Recovery:Stores:main:Bucket = backups", lines);
        Assert.Contains("ConnectionStrings:rwadb#host = db.example", lines);
        Assert.Contains("Minting:MnemonicFile = /run/phrase", lines);
        Assert.Contains("version = 1.2.3", lines);
        Assert.Equal(lines, Lines(settings));
        settings["Recovery:Stores:main:SecretKey"] = "secret-3b";
        Assert.Single(Lines(settings).Except(lines));
        // Who lacks the key cannot try a guess.
        Assert.NotEqual(ConfigurationLines.Fingerprint(Key, "a:b", "guess"), ConfigurationLines.Fingerprint(new byte[32], "a:b", "guess"));
    }

    [Fact]
    public async Task Version_is_kept_on_change_only_in_every_store_and_the_oldest_go()
    {
        MemoryStore one = new("one"), two = new("two") { IsDown = true };
        var (copies, failures) = (new ConfigurationCopies([one, two]), new List<string>());
        var at = DateTimeOffset.UnixEpoch;

        Assert.Equal(["one"], await KeepAsync("a"));
        two.IsDown = false;
        Assert.Equal(["two"], await KeepAsync("a"));
        Assert.Empty(await KeepAsync("a"));
        Assert.Equal(["one", "two"], await KeepAsync("b"));
        Assert.Equal(["one", "two"], await KeepAsync("a"));
        Assert.Equal(["one", "two"], await KeepAsync("c"));

        Assert.Equal(["two"], failures);
        var (entries, faults) = await copies.ListAsync("77", default);
        Assert.Empty(faults);
        Assert.Equal(["b", "a", "c"], await LinesOfAsync(entries));
        Assert.All(entries, e => Assert.Equal(2, e.Stores.Count));
        // What a store alters comes from the other, and nowhere else.
        one.Objects[one.Objects.Keys.Order(StringComparer.Ordinal).Last()] = "{\"kind\": \"api\", \"lines\": [\"forged\"]}"u8.ToArray();
        Assert.Equal("c", (await ConfigurationCopies.ReadAsync(entries[^1], default)).Lines[0]);
        two.Objects.Clear();
        await Assert.ThrowsAsync<DamagedObjectException>(() => ConfigurationCopies.ReadAsync(entries[^1], default));

        async Task<IReadOnlyList<string>> KeepAsync(string line)
        {
            at = at.AddMinutes(1);
            return await copies.KeepAsync("77", new ConfigurationCopy("api", at, [line]), 3, (store, _) => failures.Add(store.Name), default);
        }

        static async Task<List<string>> LinesOfAsync(IReadOnlyList<ConfigurationEntry> entries)
        {
            var lines = new List<string>();
            foreach (var entry in entries)
            {
                lines.AddRange((await ConfigurationCopies.ReadAsync(entry, default)).Lines);
            }
            return lines;
        }
    }

    [Fact]
    public async Task Schema_reads_alike_from_two_clusters_and_every_change_is_a_line()
    {
        const string Schema = """
            CREATE TYPE mood AS ENUM ('good', 'bad');
            CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL DEFAULT 'x', m mood, CHECK (id > 0));
            CREATE VIEW v AS SELECT name FROM t;
            CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
            CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
            CREATE TABLE schema_migrations (migration_id text);
            INSERT INTO schema_migrations VALUES ('20260101_First')
            """;
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync("CREATE DATABASE other");
        await source.RunAsync("CREATE TABLE numbers_move_on (id int); DROP TABLE numbers_move_on");
        await source.RunAsync(Schema);
        await using var connection = await source.OpenAsync();
        var lines = await SchemaLines.ReadAsync(connection, "schema_migrations", default);
        await using var other = new Npgsql.NpgsqlConnection(new Npgsql.NpgsqlConnectionStringBuilder(source.ConnectionString) { Database = "other" }.ConnectionString);
        await other.OpenAsync();
        await new Npgsql.NpgsqlCommand(Schema, other).ExecuteNonQueryAsync();

        Assert.Equal(lines, await SchemaLines.ReadAsync(other, "schema_migrations", default));

        Assert.Contains("migration 20260101_First", lines);
        await new Npgsql.NpgsqlCommand("ALTER TABLE t ALTER name SET DEFAULT 'y'; CREATE INDEX named ON t (name)", other).ExecuteNonQueryAsync();
        var (gone, come) = ConfigurationCopies.Compare(new ConfigurationCopy("schema", default, lines), new ConfigurationCopy("schema", default, await SchemaLines.ReadAsync(other, "schema_migrations", default)));
        Assert.Contains("default 'x'", Assert.Single(gone), StringComparison.Ordinal);
        Assert.Equal(2, come.Count);
    }

    private static string[] Lines(Dictionary<string, string?> settings) => ConfigurationLines.Of(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), "1.2.3", Key);
}
