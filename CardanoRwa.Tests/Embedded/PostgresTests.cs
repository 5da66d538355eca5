using Aspire.Hosting;
using Aspire.Hosting.Testing;
using CardanoRwa.Embedded;
using CardanoRwa.Embedded.Postgres;
using Npgsql;

namespace CardanoRwa.Tests.Embedded;

public sealed class PostgresTests
{
    [Fact]
    public async Task Settings_of_the_graph_hold_and_unknown_ones_are_left_out_with_a_line()
    {
        await using var app = await Graph.StartAsync(b => b.AddPostgres("db")
            .WithArgs("-c", "wal_level=logical", "-c", "work_mem=7MB", "-c", "no_such_setting=on")
            .AddDatabase("things", "of_another_name").WithCreationScript("CREATE DATABASE of_another_name TEMPLATE template0"));
        await app.HealthyAsync("things");

        await using var connection = new NpgsqlConnection(await app.GetConnectionStringAsync("things"));
        await connection.OpenAsync();

        Assert.Equal("of_another_name", connection.Database);
        Assert.Equal("logical", await ShowAsync(connection, "wal_level"));
        Assert.Equal("7MB", await ShowAsync(connection, "work_mem"));
        Assert.Equal("", await ShowAsync(connection, "unix_socket_directories"));
        Assert.Equal("scram-sha-256", await ShowAsync(connection, "password_encryption"));
        Assert.Contains(app.Lines("db"), l => l.Contains("no setting 'no_such_setting'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Password_is_asked_for()
    {
        await using var app = await Graph.StartAsync(b => b.AddPostgres("db"));
        await app.HealthyAsync("db");
        var wrong = new NpgsqlConnectionStringBuilder(await app.GetConnectionStringAsync("db")) { Password = "wrong" };

        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task Data_of_another_major_version_are_left_alone_with_the_ways_out()
    {
        var folder = Directory.CreateTempSubdirectory("other-major").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "db", "data"));
        await File.WriteAllTextAsync(Path.Combine(folder, "db", "data", "PG_VERSION"), "11\n");

        var fault = await Assert.ThrowsAsync<DistributedApplicationException>(() => Graph.StartAsync(b => b.AddPostgres("db"), $"--Embedded:DataFolder={folder}"));

        Assert.Contains("made by PostgreSQL 11", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--reset", fault.Message, StringComparison.Ordinal);
        Assert.Contains("RWA_POSTGRES_BIN", fault.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "db", "data", "PG_VERSION")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Folder_without_postgres_in_it_is_named()
    {
        var fault = await Assert.ThrowsAsync<DistributedApplicationException>(() =>
            Graph.StartAsync(b => b.AddPostgres("db"), $"--RWA_POSTGRES_BIN={Path.GetTempPath()}"));

        Assert.Contains("RWA_POSTGRES_BIN", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres", "-c", "a=1", "--b-c=2", "-cd=3")]
    [InlineData("-c", "a=1", "-c", "b_c=2", "-c", "d=3")]
    public void Arguments_are_read_as_the_container_would(params string[] arguments) =>
        Assert.Equal([("a", "1"), ("b_c", "2"), ("d", "3")], PostgresSettings.Parse(arguments));

    [Fact]
    public void Arguments_that_are_no_settings_are_refused() =>
        Assert.Throws<DistributedApplicationException>(() => PostgresSettings.Parse(["--single"]));

    [Fact]
    public async Task Data_lie_in_the_folder_of_the_run_and_go_with_it()
    {
        var app = await Graph.StartAsync(b => b.AddPostgres("db"));
        await app.HealthyAsync("db");
        var (folder, postmaster) = (app.GetDataFolder(), Assert.Single(app.GetProcessIds("db")));
        Assert.True(File.Exists(Path.Combine(folder, "db", "data", "PG_VERSION")));

        await app.DisposeAsync();

        Assert.False(Directory.Exists(folder));
        Assert.False(Processes.IsRunning(postmaster));
    }

    private static async Task<string> ShowAsync(NpgsqlConnection connection, string setting)
    {
        await using var command = new NpgsqlCommand($"SHOW {setting}", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
