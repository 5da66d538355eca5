using System.Net;
using CardanoRwa.Core.Auth;
using CardanoRwa.Tests.Graph;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Auth;

[Collection(GraphCollection.Name)]
public sealed class AccessTests(GraphFixture graph)
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("rwa_unknown")]
    [InlineData("rwa-dev-key ")]
    public async Task Without_a_known_key_nothing_is_answered(string? key)
    {
        using var client = new HttpClient { BaseAddress = graph.Api.BaseAddress };
        client.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", key is null ? [] : [key]);
        using var response = await client.GetAsync(new Uri(AssetsPath, UriKind.Relative));

        if (key?.Trim() == "rwa-dev-key")
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode); // HTTP trims field values
            return;
        }
        await response.ProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Theory]
    [InlineData(Roles.Viewer, true, false, false)]
    [InlineData(Roles.Operator, true, false, false)]
    [InlineData(Roles.Issuer, true, true, false)]
    [InlineData(Roles.Compliance, true, false, true)]
    [InlineData(Roles.Admin, true, true, true)]
    public async Task Role_allows_exactly_its_own(string role, bool reads, bool issues, bool decides)
    {
        using var client = graph.Client(await StoreKeyAsync(role));
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        var record = await (await graph.Api.PostAsync($"{AssetsPath}/{id}/compliance-records", new { check = "title" })).JsonAsync(HttpStatusCode.Created);

        using var read = await client.GetAsync(new Uri($"{AssetsPath}/{id}", UriKind.Relative));
        using var create = await client.PostAsync(AssetsPath, new { name = "a", value = 1 });
        using var import = await Imports.SampleFile.SendAsync(client, $"{AssetsPath}/import", new MemoryStream("externalId,name,value\n"u8.ToArray()), "text/csv");
        using var decide = await client.PostAsync($"{AssetsPath}/{id}/compliance-records/{record.Text("id")}/decision", new { decision = "approved", reason = "ok" });

        Assert.Equal(reads, read.StatusCode == HttpStatusCode.OK);
        Assert.Equal(issues, create.StatusCode == HttpStatusCode.Created);
        Assert.Equal(issues, import.StatusCode == HttpStatusCode.OK);
        Assert.Equal(decides, decide.StatusCode == HttpStatusCode.OK);
        if (!issues)
        {
            await create.ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        }
    }

    [Fact]
    public async Task Key_of_one_principal_never_meets_anothers_idempotency_key()
    {
        using var one = graph.Client(await StoreKeyAsync(Roles.Issuer));
        using var other = graph.Client(await StoreKeyAsync(Roles.Issuer));
        var key = Guid.NewGuid().ToString();

        var first = await (await one.PostAsync(AssetsPath, new { name = "a", value = 1 }, key)).JsonAsync(HttpStatusCode.Created);
        var second = await (await other.PostAsync(AssetsPath, new { name = "a", value = 1 }, key)).JsonAsync(HttpStatusCode.Created);

        Assert.NotEqual(first.Text("id"), second.Text("id"));
    }

    [Fact]
    public async Task Stored_key_is_kept_as_a_hash_only()
    {
        var key = await StoreKeyAsync(Roles.Viewer);

        Assert.Equal(0, await graph.ScalarAsync<long>("SELECT count(*) FROM api_keys k WHERE k::text LIKE '%' || $1 || '%'", key[4..]));
    }

    [Fact]
    public async Task Production_refuses_to_start_when_nobody_could_sign_in()
    {
        await using var api = ApiProcess.Start(await EmptyDatabaseAsync(), graph.Cache);

        Assert.Equal(78, await api.ExitCodeAsync());
        Assert.Contains("apikey create", api.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Production_knows_no_development_key_and_a_revoked_key_stops_working()
    {
        var name = Guid.NewGuid().ToString();
        var key = await StoreKeyAsync(Roles.Viewer, name);
        await using var api = await ApiProcess.Start(graph, ("Auth__KeyLifetime", "00:00:00")).ReadyAsync();
        using var developer = api.Client("rwa-dev-key");
        using var client = api.Client(key);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(developer));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));
        await using var db = Registry.Context(graph.Database);
        await new ApiKeyStore(db, TimeProvider.System).RevokeAsync("test", name, default);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client));
    }

    [Fact]
    public async Task Bearer_token_of_the_authority_signs_in_with_its_roles_and_no_other_does()
    {
        await using var authority = await TestAuthority.StartAsync();
        await using var api = await ApiProcess.Start(graph, ("Auth__Authority", authority.Address), ("ASPNETCORE_ENVIRONMENT", "Development")).ReadyAsync();

        Assert.Equal(HttpStatusCode.Created, await CreateAsync(authority.Token("alice", ["issuer"])));
        Assert.Equal(HttpStatusCode.Forbidden, await CreateAsync(authority.Token("bob", ["viewer"])));
        Assert.Equal(HttpStatusCode.Unauthorized, await CreateAsync(authority.Token("carol", ["issuer"], audience: "another")));
        Assert.Equal(HttpStatusCode.Unauthorized, await CreateAsync(authority.Token("dave", ["issuer"], expired: true)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CreateAsync(TestAuthority.ForeignToken(authority.Address, "eve")));
        Assert.True(await graph.ScalarAsync<long>("SELECT count(*) FROM audit WHERE actor = 'user:alice'") > 0);

        async Task<HttpStatusCode> CreateAsync(string token)
        {
            using var client = api.Client();
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            using var response = await client.PostAsync(AssetsPath, new { name = "a", value = 1 });
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Public_reads_are_open_only_where_configured_and_writes_never()
    {
        await StoreKeyAsync(Roles.Viewer);
        await using var api = await ApiProcess.Start(graph, ("Auth__PublicReads", "true")).ReadyAsync();
        using var anyone = api.Client();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(anyone));
        using var create = await anyone.PostAsync(AssetsPath, new { name = "a", value = 1 });
        await create.ProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Principal_past_its_rate_hears_429_and_when_to_come_back()
    {
        var key = await StoreKeyAsync(Roles.Viewer);
        await using var api = await ApiProcess.Start(graph, ("RateLimit__RequestsPerSecond", "10")).ReadyAsync();
        using var client = api.Client(key);

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => client.GetAsync(new Uri(AssetsPath, UriKind.Relative))));

        var limited = answers.Where(a => a.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(limited);
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.OK);
        Assert.NotNull(limited[0].Headers.RetryAfter);
        await limited[0].ProblemAsync(HttpStatusCode.TooManyRequests, "rate_limited");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri($"{AssetsPath}?limit=1", UriKind.Relative));
        return response.StatusCode;
    }

    private async Task<string> StoreKeyAsync(string role, string? name = null)
    {
        await using var db = Registry.Context(graph.Database);
        return (await new ApiKeyStore(db, TimeProvider.System).CreateAsync("test", name ?? Guid.NewGuid().ToString(), [role], null, default)).Value!;
    }

    private async Task<string> EmptyDatabaseAsync()
    {
        var database = await Data.MigrationTests.CreateDatabaseAsync(graph);
        await using var db = Registry.Context(database);
        await new Core.Data.MigrationRunner(db, Microsoft.Extensions.Logging.Abstractions.NullLogger<Core.Data.MigrationRunner>.Instance).RunAsync(default);
        return database;
    }
}
