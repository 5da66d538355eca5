using CardanoRwa.Embedded.Dashboard;

namespace CardanoRwa.Tests.Embedded;

public sealed class SecretMaskTests
{
    private const string Hidden = SecretMask.Hidden;
    private readonly SecretMask _mask = new();

    public SecretMaskTests() => _mask.Learn(["kn0wn+secret", "ab"]);

    [Theory]
    [InlineData("localhost:6379,password=pa ss,ssl=true", $"localhost:6379,password={Hidden},ssl=true")]
    [InlineData("Host=h;Password=\"a;\"\"b\";Database=d", $"Host=h;Password={Hidden};Database=d")]
    [InlineData("Server=h;Pwd = a b c", $"Server=h;Pwd = {Hidden}")]
    [InlineData("AccountName=n;AccountKey=a2V5==;EndpointSuffix=x", $"AccountName=n;AccountKey={Hidden};EndpointSuffix=x")]
    [InlineData("x-otlp-api-key=abcdef", $"x-otlp-api-key={Hidden}")]
    [InlineData("https://h/p?sig=abc&token=def&page=2", $"https://h/p?sig={Hidden}&token={Hidden}&page=2")]
    [InlineData("postgresql://u:p%40ss@h:5432/d", $"postgresql://u:{Hidden}@h:5432/d")]
    [InlineData("redis://:p@h", $"redis://:{Hidden}@h")]
    [InlineData("before kn0wn+secret after kn0wn%2Bsecret", $"before {Hidden} after {Hidden}")]
    [InlineData("http://localhost:5000/a@b", "http://localhost:5000/a@b")]
    [InlineData("Host=h;Port=5432;Username=u", "Host=h;Port=5432;Username=u")]
    [InlineData("a cab is about", "a cab is about")]
    public void Value_keeps_all_but_its_secrets(string value, string expected) => Assert.Equal(expected, _mask.Variable("NAME", value).Value);

    [Theory]
    [InlineData("RWADB_PASSWORD")]
    [InlineData("ApiKey")]
    [InlineData("AUTH__TOKEN")]
    [InlineData("client_secret")]
    public void Variable_whose_name_tells_is_hidden_whole(string name) => Assert.Equal(Hidden, _mask.Variable(name, "x").Value);

    [Fact]
    public void Short_secret_is_hidden_where_it_is_the_whole_value() => Assert.Equal(Hidden, _mask.Variable("NAME", "ab").Value);

    [Fact]
    public void Log_line_keeps_settings_and_loses_known_secrets() =>
        Assert.Equal($"key=42 for {Hidden}", _mask.Line("key=42 for kn0wn+secret"));
}
